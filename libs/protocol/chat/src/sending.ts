/** What goes into the bodies that are sent (directory §1.3, §1.4): batches within a limit, compression where it is called for. */
import { CodedError, utf8 } from '@polyplex/base';
import type { VersionRange } from '@polyplex/protocol-common';
import { compressBody } from './compressed.ts';
import { MAX_CONN_INFO_BYTES, MAX_MESSAGE_BYTES, MAX_POST_QUANTUM_CONN_INFO_BYTES, MAX_POST_QUANTUM_MESSAGE_BYTES } from './sizes.ts';
import { supports } from './versions.ts';

/** What is known of the connection that a body is for. */
export interface BodyTarget {
  readonly postQuantum: boolean;
  /** The highest chat version of the peer. */
  readonly peerMax: VersionRange['max'];
}

/** "[" and "]", or a comma and what follows it. */
const BRACKETS_BYTES = 2;
const COMMA_BYTES = 1;

function tooLarge(): CodedError<'TOO_LARGE'> {
  return new CodedError('TOO_LARGE', 'Message too large');
}

/**
 * Messages as JSON arrays in their order, each array of at most `limit` bytes; a message that is alone stays an object. Throws `TOO_LARGE`
 * where one message does not fit.
 */
export function batchMessages(texts: readonly string[], limit: number = MAX_MESSAGE_BYTES): readonly string[] {
  const batches: string[][] = [];
  let room = 0;
  for (const text of texts) {
    const size = utf8(text).length;
    if (size > limit) throw tooLarge();
    if (batches.length === 0 || size + COMMA_BYTES > room) {
      batches.push([]);
      room = limit - BRACKETS_BYTES + COMMA_BYTES;
    }
    batches.at(-1)?.push(text);
    room -= size + COMMA_BYTES;
  }
  return batches.map((batch) => (batch.length === 1 ? batch[0]! : `[${batch.join(',')}]`));
}

interface Limits {
  readonly plain: number;
  readonly postQuantum: number;
}

function bodyWithin(text: string, { postQuantum, peerMax }: BodyTarget, limits: Limits): Uint8Array {
  const plain = utf8(text);
  if (plain.length > limits.plain) throw tooLarge();
  if (!postQuantum || plain.length <= limits.postQuantum) return plain;
  if (!supports({ min: 1, max: peerMax }, 'compression')) throw tooLarge();
  const compressed = compressBody(plain);
  if (compressed.length > limits.postQuantum) throw tooLarge();
  return compressed;
}

/** The body of a message or a batch. Throws `TOO_LARGE`. */
export function messageBody(text: string, target: BodyTarget): Uint8Array {
  return bodyWithin(text, target, { plain: MAX_MESSAGE_BYTES, postQuantum: MAX_POST_QUANTUM_MESSAGE_BYTES });
}

/** What goes with a handshake: one message. Throws `TOO_LARGE`. */
export function connInfoBody(text: string, target: BodyTarget): Uint8Array {
  return bodyWithin(text, target, { plain: MAX_CONN_INFO_BYTES, postQuantum: MAX_POST_QUANTUM_CONN_INFO_BYTES });
}
