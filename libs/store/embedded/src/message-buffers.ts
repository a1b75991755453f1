/**
 * Memory for messages on their way into the tables, used again and again: a fresh 16 KiB buffer for each would cost
 * more in allocation and garbage collection than writing the message does.
 */
import { EMPTY_BYTES } from '@polyplex/base';
import { encodeValue, message as messageFormat } from '@polyplex/store-common';
import type { Message } from '@polyplex/store-contract';

/** A message of the protocol with its facts; anything larger gets memory of its own. */
const BUFFER_BYTES = 16_640;
const MAX_KEPT = 512;

export class MessageBuffers {
  private readonly kept: Uint8Array[] = [];

  /** The encoded message. It belongs to the caller until given back. */
  encode(message: Message & { kind: 'message' }): Uint8Array {
    const facts = encodeValue(messageFormat, { ...message, body: EMPTY_BYTES });
    const length = facts.length + message.body.length;
    const buffer = length > BUFFER_BYTES ? new Uint8Array(length) : (this.kept.pop() ?? new Uint8Array(BUFFER_BYTES));
    buffer.set(facts);
    buffer.set(message.body, facts.length); // the body is the last field and has no prefix
    return buffer.subarray(0, length);
  }

  /** Takes back what `encode` gave, when it has been committed. */
  giveBack(encoded: Uint8Array): void {
    if (encoded.buffer.byteLength === BUFFER_BYTES && this.kept.length < MAX_KEPT) this.kept.push(new Uint8Array(encoded.buffer));
  }
}
