/** What a session is told, and how it gets into its outbox. */
import { EMPTY_BYTES } from '@polyplex/base';
import { type BoxKey, boxKeyOf } from '@polyplex/crypto';
import { MAX_TRANSMISSION_BYTES } from '@polyplex/protocol-common';
import { errorReply, messageTransmission, replyTransmission, type SmpReply } from '@polyplex/protocol-smp';
import type { Message, QueueRecord } from '@polyplex/store-contract';
import type { SmpSession } from './smp-session.ts';

/** A reply that carries a message: it is sealed when its block is written. */
export interface MessageReply {
  readonly tag: 'MESSAGE';
  readonly key: BoxKey;
  readonly message: Message;
}

/** What a session is told: a reply or event as the protocol has it, or a message still to be sealed. */
export type Telling = SmpReply | MessageReply;

export function messageReply(queue: QueueRecord, message: Message): MessageReply {
  return { tag: 'MESSAGE', key: boxKeyOf(queue.dhSecret), message };
}

/** Adds a reply or (with an empty corrId) an event to what a session has to say; what fits no block is ERR BLOCK. */
export function tell(client: SmpSession, reply: Telling, entityId: Uint8Array, corrId: Uint8Array = EMPTY_BYTES): void {
  const { version, connection, outbox } = client.session;
  const addressed = { sessionId: connection.sessionId, corrId, entityId };
  const transmission =
    reply.tag === 'MESSAGE' ? messageTransmission(reply.key, reply.message, addressed, version) : replyTransmission(reply, addressed, version);
  // Ids of requests may have 255 bytes: with them an answer can be longer than any answer to a client of ours.
  const fits = transmission.length <= MAX_TRANSMISSION_BYTES;
  outbox.add(fits ? transmission : replyTransmission(errorReply({ type: 'BLOCK' }), addressed, version));
}
