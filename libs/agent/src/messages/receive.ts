/**
 * What comes to a queue of ours, from the relay's envelope to the application (agent §7.2, §7.3). One transaction stores the
 * new ratchet together with what was read; only then the relay is told to forget the message. Everything is acknowledged in the end,
 * also what cannot be read, or the queue would stand still; messages for the application when it says so.
 */
import { equalBytes, hasCode } from '@polyplex/base';
import { openMessage as openRelayMessage, type ReceivedMessage } from '@polyplex/client';
import { tryDecode } from '@polyplex/codec';
import { agree, boxKeyOf, sha256 } from '@polyplex/crypto';
import { agentEnvelope, type ClientEnvelope, clientEnvelope, openClientMessage } from '@polyplex/protocol-agent';
import type { ReplyOf } from '@polyplex/protocol-smp';
import { type FirstEnvelope, takeConfirmation, takeRequest } from '../connect/take-confirmation.ts';
import type { AgentContext } from '../context.ts';
import type { LastMessage, ReceivingQueue } from '../records/records.ts';
import { takeKeys } from '../resync/resync.ts';
import { finishSwitch } from '../rotation/own-queue.ts';
import type { Step } from '../step.ts';
import { ignored } from './ignored.ts';
import { takeMessage } from './take-message.ts';

/** Takes a message from a relay; resolves when all that follows from it is stored. */
export async function receive(context: AgentContext, queueId: string, reply: ReplyOf<'MSG'>): Promise<void> {
  await context.change((step) => {
    const queue = step.get('receiving', queueId);
    if (queue !== undefined) take(step, queue, reply);
  });
}

function take(step: Step, queue: ReceivingQueue, reply: ReplyOf<'MSG'>): void {
  const { stage } = step.connection(queue.connectionId);
  if (stage === 'ending') return step.do(queue, queue.queueId, { do: 'acknowledge', relayMessageId: Uint8Array.from(reply.msgId) });
  if (stage !== 'deleting') takeKept(step, queue, reply);
}

function takeKept(step: Step, queue: ReceivingQueue, reply: ReplyOf<'MSG'>): void {
  const last = step.get('last', queue.queueId);
  if (last !== undefined && Buffer.compare(last.relayMessageId, reply.msgId) === 0) return takeAgain(step, queue, last);
  const relayMessageId = Uint8Array.from(reply.msgId);
  const opened = opens(() => openRelayMessage({ boxKey: queue.relaySecret }, reply));
  const event = opened === null ? null : takeOpened(step, queue, opened);
  // One from before that is told again does not take the place of what the application has not acknowledged.
  if (event !== null || !isHeld(last)) step.put('last', queue.queueId, { relayMessageId, event, attempts: 0 });
  const isEnd = opened?.kind === 'quota';
  if (event === null) step.do(queue, queue.queueId, { do: 'acknowledge', relayMessageId, ...(isEnd && { isEndOfFull: true }) });
  else step.emit(event);
  finishSwitch(step, queue.connectionId);
}

function isHeld(last: LastMessage | undefined): boolean {
  return last !== undefined && last.event !== null;
}

/** The relay gives the last message again: it was not told to forget it, or the application has not yet said so. */
function takeAgain(step: Step, queue: ReceivingQueue, { event, relayMessageId }: LastMessage): void {
  // Each one too many is refused, has the queue subscribed to again, and so brings the message once more.
  if (event === null && !isToBeAcknowledged(step, queue, relayMessageId)) step.do(queue, queue.queueId, { do: 'acknowledge', relayMessageId });
}

function isToBeAcknowledged(step: Step, { queueId }: ReceivingQueue, relayMessageId: Uint8Array): boolean {
  return step.list('task', `${queueId}/`).some(({ value: { task } }) => task.do === 'acknowledge' && equalBytes(task.relayMessageId, relayMessageId));
}

function opens<T>(open: () => T): T | null {
  try {
    return open();
  } catch (error) {
    if (hasCode(error, 'RESPONSE')) return null;
    throw error;
  }
}

type Taken = ReturnType<typeof takeMessage>;

function takeOpened(step: Step, queue: ReceivingQueue, message: ReceivedMessage): Taken {
  if (message.kind === 'quota') return null;
  const envelope = tryDecode(clientEnvelope, message.body);
  return envelope === null ? ignored(step, queue, 'an envelope that cannot be read') : takeEnvelope(step, queue, envelope);
}

function takeEnvelope(step: Step, queue: ReceivingQueue, envelope: ClientEnvelope): Taken {
  if (queue.secret !== null) return envelope.key === null ? takeSecured(step, queue, envelope) : null; // with a key: the confirmation, repeated
  if (envelope.key === null) return ignored(step, queue, 'a message before the confirmation');
  const secret = agree(queue.keys.privateKey, envelope.key);
  const message = secret && openClientMessage(envelope, boxKeyOf(secret));
  const content = message && tryDecode(agentEnvelope, message.body);
  if (secret === null || message === null || content === null) return ignored(step, queue, 'a confirmation that cannot be read');
  return takeFirst(step, { queue, message, content, secret: boxKeyOf(secret) });
}

/** Of a new sender: a confirmation, or at an address a request. */
function takeFirst(step: Step, first: FirstEnvelope): null {
  const { queue, content, message } = first;
  if (queue.mode === 'contact') return content.type === 'I' && message.senderKey === null ? takeRequest(step, queue, content) : ignored(step, queue, 'no request');
  return content.type === 'C' ? takeConfirmation(step, { ...first, content }) : ignored(step, queue, 'no confirmation');
}

function takeSecured(step: Step, queue: ReceivingQueue, envelope: ClientEnvelope): Taken {
  const message = openClientMessage(envelope, queue.secret!);
  const content = message && tryDecode(agentEnvelope, message.body);
  if (content === null || message?.senderKey !== null) return ignored(step, queue, 'a message that cannot be read');
  if (content.type === 'R') return takeKeys(step, queue.connectionId, content);
  if (content.type !== 'M') return ignored(step, queue, 'an envelope that is not expected');
  return takeMessage(step, queue, { version: content.version, encrypted: content.encrypted, hash: sha256(content.encrypted) });
}
