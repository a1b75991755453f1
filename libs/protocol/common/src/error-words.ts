/** Errors as words separated by spaces, as all protocols of the family have them inside ERR (SMP §5.7, XFTP §3.5). */
import { lenientTextOf, utf8 } from '@polyplex/base';
import { type Codec, codec, DecodeError, type Reader, Writer } from '@polyplex/codec';

const SPACE = 0x20;

/** Reads up to the next space, which stays unread. */
export function readWord(r: Reader): string {
  const start = r.position;
  while (r.position < r.end && r.bytes[r.position] !== SPACE) r.position++;
  return lenientTextOf(r.bytes.subarray(start, r.position));
}

/** The word as one of those allowed. */
export function oneOf<const T extends string>(allowed: readonly T[], text: string): T {
  if (!(allowed as readonly string[]).includes(text)) throw new DecodeError('unknown error');
  return text as T;
}

const COMMAND_ERRORS = ['UNKNOWN', 'SYNTAX', 'PROHIBITED', 'NO_AUTH', 'HAS_AUTH', 'NO_ENTITY'] as const;

/** What is wrong with a command: the word after CMD. */
export type CommandError = (typeof COMMAND_ERRORS)[number];

/** NO_QUEUE is an older name of NO_ENTITY. */
export const commandErrorWord: Codec<CommandError> = codec(
  (r) => {
    const found = readWord(r);
    return found === 'NO_QUEUE' ? 'NO_ENTITY' : oneOf(COMMAND_ERRORS, found);
  },
  (w, error) => w.put(utf8(error)),
);

/** An error as it is written: for logs and messages to people. */
export function textOfError<T>(format: Codec<T>, error: T): string {
  const w = new Writer();
  format.write(w, error);
  return lenientTextOf(w.finish());
}
