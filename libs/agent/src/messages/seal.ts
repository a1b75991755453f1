/** Messages into the ratchet: numbered, chained, encrypted, and given to the lanes of the queues they go to (agent §7.1). */
import { encode } from '@polyplex/codec';
import { sha256 } from '@polyplex/crypto';
import { AGENT_VERSIONS, type AgentContent, agentEnvelope, type AgentMessage, agentMessage } from '@polyplex/protocol-agent';
import { AgentError } from '../agent-error.ts';
import { isSecurable } from '../connect/confirm.ts';
import { prepareMessage, sealMessage } from '../ratchet/encrypt.ts';
import { RatchetError } from '../ratchet/ratchet-error.ts';
import type { Connection, SendingQueue, SentWhat, Task } from '../records/records.ts';
import type { Step } from '../step.ts';
import { paddedBytes } from './padding.ts';

/** Encrypts by the connection's ratchet, which is stored in the same step. Throws TOO_LARGE. */
function encrypted(step: Step, connection: Connection, { text, padding, wish }: {
  readonly text: Uint8Array; readonly padding: 'confirmation' | 'message'; readonly wish?: boolean;
}): Uint8Array {
  const ratchet = step.get('ratchet', connection.connectionId);
  if (ratchet === undefined) throw new AgentError('PROHIBITED', 'the connection has no keys yet');
  const { ratchet: next, message } = prepareMessage(ratchet, wish);
  try {
    const sealed = sealMessage(message, text, paddedBytes(connection, padding));
    step.put('ratchet', connection.connectionId, next);
    return sealed;
  } catch (error) {
    if (error instanceof RatchetError && error.code === 'TOO_LARGE') throw new AgentError('TOO_LARGE', 'the message is too large');
    throw error;
  }
}

/** The first message of a side: in its confirmation. It counts as number 1, and the chain of hashes begins with it. */
export function sealConfirmation(step: Step, connection: Connection, message: Extract<AgentMessage, { tag: 'I' | 'D' }>): Uint8Array {
  const text = encode(agentMessage, message);
  const sealed = encrypted(step, connection, { text, padding: 'confirmation' });
  step.update('connection', connection.connectionId, { lastSentId: 1, lastSentHash: sha256(text) });
  return sealed;
}

interface Sent {
  readonly internalId: number;
  readonly envelope: Uint8Array;
}

/** Numbers, chains and encrypts; the envelope is the same for all queues. */
export function sealContent(step: Step, connectionId: string, content: AgentContent): Sent {
  const connection = step.connection(connectionId);
  const messageId = connection.lastSentId + 1;
  const internalId = connection.lastInternalId + 1;
  const text = encode(agentMessage, { tag: 'M', messageId, previousHash: connection.lastSentHash, content });
  const hash = sha256(text);
  const sealed = encrypted(step, connection, { text, padding: 'message' });
  step.update('connection', connectionId, { lastSentId: messageId, lastSentHash: hash, lastInternalId: internalId });
  if (content.tag === 'M') step.put('sent', `${connectionId}/${String(messageId)}`, { internalId, hash, receipt: 'none', since: step.now });
  return { internalId, envelope: encode(agentEnvelope, { version: AGENT_VERSIONS.max, type: 'M', encrypted: sealed }) };
}

export interface SendOptions {
  /** Whether the other side's device is to be woken; default true. */
  readonly notify?: boolean;
}

/** A message of the application; its number. Throws UNKNOWN, PROHIBITED or TOO_LARGE, and then has changed nothing. */
export function sendBody(step: Step, connectionId: string, body: Uint8Array, { notify = true }: SendOptions = {}): number {
  const { sync, stage } = step.connection(connectionId);
  if (stage === 'ending') throw new AgentError('PROHIBITED', 'the connection is being deleted');
  if (sync !== 'ok' && sync !== 'allowed') throw new AgentError('PROHIBITED', 'the keys of the connection are being renewed');
  return sendContent(step, connectionId, { content: { tag: 'M', body }, what: 'message', notify });
}

/** Seals, and puts it into the lanes of all queues that take messages. */
export function sendContent(step: Step, connectionId: string, { content, what, notify = false }: {
  readonly content: AgentContent; readonly what: SentWhat; readonly notify?: boolean;
}): number {
  if (!step.sendingOf(connectionId).some(takesMessages)) throw new AgentError('PROHIBITED', 'there is no queue to send to yet');
  const { internalId, envelope } = sealContent(step, connectionId, content);
  sendEnvelope(step, connectionId, { envelope, what, notify, internalId });
  return internalId;
}

/** Into the lanes of all queues that take messages. */
export function sendEnvelope(step: Step, connectionId: string, message: Pick<Extract<Task, { do: 'send' }>, 'envelope' | 'what' | 'notify' | 'internalId'>): void {
  for (const { queueId } of step.sendingOf(connectionId).filter(takesMessages)) {
    step.do({ connectionId }, queueId, { do: 'send', withKey: false, isFirst: false, ...message });
  }
}

/** Whether there is a queue to send to, and keys that the other side has as well. */
export function canSend(step: Step, connectionId: string): boolean {
  const { sync, stage } = step.connection(connectionId);
  return stage !== 'ending' && (sync === 'ok' || sync === 'allowed') && step.sendingOf(connectionId).some(takesMessages);
}

/** The primary one at once where we secure it, since that comes first in its lane; others when they are secured. */
export function takesMessages(queue: SendingQueue): boolean {
  return (queue.isPrimary && isSecurable(queue)) || queue.status === 'secured' || queue.status === 'active';
}
