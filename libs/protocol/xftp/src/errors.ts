/** The errors inside ERR (XFTP §3.5), as text. */
import { utf8 } from '@polyplex/base';
import { type Codec, codec, sp } from '@polyplex/codec';
import { type BlockingInfo, blockingInfo, type CommandError, commandErrorWord, oneOf, readWord, textOfError } from '@polyplex/protocol-common';

const PLAIN_ERRORS = [
  'BLOCK', // the block, the batch or the length of the authorisation
  'SESSION', // the session id is not that of the connection
  'HANDSHAKE', // only bare, outside a transmission
  'AUTH', // unknown id, wrong key or password, creation refused
  'SIZE', // chunk size not allowed, or a body of another length
  'QUOTA', // no room for the body
  'DIGEST', // the body has another SHA-256
  'CRYPTO', // a client's: the tag of a downloaded body is wrong
  'NO_FILE', // not uploaded yet
  'HAS_FILE', // reserved
  'FILE_IO', // the body could not be written or removed
  'TIMEOUT', // the upload took too long or broke
  'INTERNAL',
  'DUPLICATE_', // never on the wire
] as const;

type PlainError = (typeof PLAIN_ERRORS)[number];

export type XftpError =
  | { readonly type: PlainError }
  | { readonly type: 'CMD'; readonly error: CommandError }
  | { readonly type: 'BLOCKED'; readonly info: BlockingInfo };

export const xftpError: Codec<XftpError> = codec(
  (r) => {
    const type = readWord(r);
    switch (type) {
      case 'CMD':
        sp.read(r);
        return { type, error: commandErrorWord.read(r) };
      case 'BLOCKED':
        sp.read(r);
        return { type, info: blockingInfo.read(r) };
      default:
        return { type: oneOf(PLAIN_ERRORS, type) };
    }
  },
  (w, error) => {
    w.put(utf8(error.type));
    if (error.type === 'CMD') {
      sp.write(w);
      commandErrorWord.write(w, error.error);
    } else if (error.type === 'BLOCKED') {
      sp.write(w);
      blockingInfo.write(w, error.info);
    }
  },
);

/** The error as `CMD SYNTAX`, `BLOCKED reason=spam` …: for logs and messages to people. */
export function xftpErrorText(error: XftpError): string {
  return textOfError(xftpError, error);
}

export function commandError(error: CommandError): XftpError {
  return { type: 'CMD', error };
}

export const AUTH_ERROR: XftpError = { type: 'AUTH' };
