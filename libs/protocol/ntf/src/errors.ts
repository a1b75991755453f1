/** The errors inside ERR (NTF §2.6), as text: the alphabet of SMP, of which NTF uses a part. */
import { lenientTextOf, utf8 } from '@polyplex/base';
import { type Codec, codec, sp, tail } from '@polyplex/codec';
import { type BlockingInfo, blockingInfo, type CommandError, commandErrorWord, oneOf, readWord, textOfError } from '@polyplex/protocol-common';

const PLAIN_ERRORS = [
  'BLOCK', // the block, the batch or the length of the authorisation
  'SESSION', // the session id is not that of the connection
  'AUTH', // unknown id, wrong key or code, a status that does not allow it
  'QUOTA', // too short an interval, or too much asked for
  'INTERNAL',
  'SERVICE', 'CRYPTO', 'NO_MSG', 'LARGE_MSG', 'EXPIRED', 'DUPLICATE_', // not of this protocol
] as const;

type PlainError = (typeof PLAIN_ERRORS)[number];

export type NtfError =
  | { readonly type: PlainError }
  | { readonly type: 'CMD'; readonly error: CommandError }
  | { readonly type: 'BLOCKED'; readonly info: BlockingInfo }
  | { readonly type: 'STORE'; readonly text: string };

/** What is written of the text of STORE: an answer that fits no block would never come. */
const MAX_STORE_TEXT_BYTES = 64;

export const ntfError: Codec<NtfError> = codec<NtfError>(
  (r) => {
    const type = readWord(r);
    switch (type) {
      case 'CMD':
        sp.read(r);
        return { type, error: commandErrorWord.read(r) };
      case 'BLOCKED':
        sp.read(r);
        return { type, info: blockingInfo.read(r) };
      case 'STORE':
        sp.read(r);
        return { type, text: lenientTextOf(tail.read(r)) };
      default:
        return { type: oneOf(PLAIN_ERRORS, type) };
    }
  },
  (w, error) => {
    w.put(utf8(error.type));
    if ('error' in error || 'info' in error || 'text' in error) sp.write(w);
    if (error.type === 'CMD') commandErrorWord.write(w, error.error);
    else if (error.type === 'BLOCKED') blockingInfo.write(w, error.info);
    else if (error.type === 'STORE') w.put(utf8(error.text).subarray(0, MAX_STORE_TEXT_BYTES));
  },
);

/** The error as `CMD SYNTAX`, `STORE …`: for logs and messages to people. */
export function ntfErrorText(error: NtfError): string {
  return textOfError(ntfError, error);
}

export function commandError(error: CommandError): NtfError {
  return { type: 'CMD', error };
}

export const AUTH_ERROR: NtfError = { type: 'AUTH' };
export const QUOTA_ERROR: NtfError = { type: 'QUOTA' };
export const PROHIBITED: NtfError = commandError('PROHIBITED');
