/**
 * A queue of ours moves to another relay, or gets another beside it (agent §7.6, recipient): QADD tells of the new one, QKEY brings the sender's keys for it, QUSE asks to use it. The
 * old one is deleted when a message has come to the new one and nothing is missing that may still be in the old one. A queue beside others replaces none: the
 * reference refuses it, agents like this one send everything to all queues then.
 */
import { DAY } from '@polyplex/base';
import { agree, boxKeyOf } from '@polyplex/crypto';
import type { AgentContent } from '@polyplex/protocol-agent';
import { AgentError } from '../agent-error.ts';
import { isNamed } from '../connect/queue-name.ts';
import { newReceivingQueue, queueUriOf, storeWithQueue } from '../connect/queues.ts';
import type { AgentContext } from '../context.ts';
import { ignored } from '../messages/ignored.ts';
import { canSend, sendContent } from '../messages/seal.ts';
import type { ReceivingQueue } from '../records/records.ts';
import type { Reading } from '../records/typed-records.ts';
import type { Step } from '../step.ts';

/** How long messages are waited for that are missing and may be in the old queue. */
const MISSING_MS = DAY;

/** Of ours in one connection. */
export const MOST_QUEUES = 3;

/** Throws PROHIBITED in a state where no queue can be moved. */
function movable(records: Reading, connectionId: string): ReceivingQueue {
  const connection = records.get('connection', connectionId);
  if (connection === undefined) throw new AgentError('UNKNOWN', 'there is no such connection');
  const queues = records.receivingOf(connectionId);
  const old = queues.find(({ isPrimary }) => isPrimary);
  const isReady = connection.stage === 'ready' && connection.role !== 'address' && connection.sync === 'ok';
  const isMoving = queues.some(({ replaces, switching }) => replaces !== null || switching !== null);
  if (old === undefined || isMoving || !isReady) throw new AgentError('PROHIBITED', 'the queue of the connection cannot be moved now');
  return old;
}

/** Begins to move the queue, to a relay that the connection does not use, if there is one. Rejects as a new queue does, with UNKNOWN or PROHIBITED. */
export async function switchQueue(context: AgentContext, connectionId: string): Promise<void> {
  const avoid = context.read((records) => {
    movable(records, connectionId);
    return [...records.receivingOf(connectionId), ...records.sendingOf(connectionId)].map(({ server }) => server);
  });
  const { queue } = await newReceivingQueue(context, connectionId, { mode: 'messaging', avoid });
  await storeWithQueue(context, queue, (step) => {
    const old = movable(step, connectionId);
    step.addReceiving({ ...queue, isPrimary: false, replaces: old.queueId });
    told(step, old, 'sending-qadd');
    sendAdd(step, queue, old);
  });
}

/**
 * Another queue at a relay that the connection does not use, if there is one: what is sent from then on comes to all of them, so a relay may be lost. Resolves when
 * that has begun. Rejects as a new queue does, with UNKNOWN, or with PROHIBITED where a queue is moving, there are as many as may be, or nobody is there yet.
 */
export async function addQueue(context: AgentContext, connectionId: string): Promise<void> {
  const addable = (records: Reading): void => {
    movable(records, connectionId);
    if (records.receivingOf(connectionId).length >= MOST_QUEUES) throw new AgentError('PROHIBITED', 'the connection has as many queues as it may have');
  };
  const avoid = context.read((records) => {
    addable(records);
    return [...records.receivingOf(connectionId), ...records.sendingOf(connectionId)].map(({ server }) => server);
  });
  const { queue } = await newReceivingQueue(context, connectionId, { mode: 'messaging', avoid });
  await storeWithQueue(context, queue, (step) => {
    addable(step);
    step.addReceiving({ ...queue, isPrimary: false });
    sendAdd(step, queue, null);
  });
}

function told(step: Step, { connectionId, queueId }: ReceivingQueue, switching: NonNullable<ReceivingQueue['switching']>): void {
  step.update('receiving', queueId, { switching, switchedAt: step.now });
  step.emit({ type: 'switch', connectionId, queue: 'receiving', state: switching });
}

function sendAdd(step: Step, queue: ReceivingQueue, old: ReceivingQueue | null): void {
  const replaces = old && { server: old.server, senderId: old.senderId };
  sendContent(step, queue.connectionId, { what: 'queue', content: { tag: 'QA', queues: [{ queue: queueUriOf(queue), replaces }] } });
}

/** Gives up a move that the other side has not answered. Throws PROHIBITED. */
export function abortSwitch(step: Step, connectionId: string): void {
  const queues = step.receivingOf(step.connection(connectionId).connectionId);
  const old = queues.find(({ switching }) => switching === 'sending-qadd');
  const queue = queues.find(({ replaces }) => replaces !== null && replaces === old?.queueId);
  if (old === undefined || queue === undefined) throw new AgentError('PROHIBITED', 'there is no move that can be given up');
  step.update('receiving', old.queueId, { switching: null, switchedAt: null });
  step.update('receiving', queue.queueId, { replaces: null });
  step.do(queue, queue.queueId, { do: 'delete' });
}

type Keyed = Extract<AgentContent, { tag: 'QK' }>['queues'][number];

/** QKEY: the other side's keys for our new queue. */
export function takeKeyed(step: Step, connectionId: string, { queue: info, senderKey }: Keyed): null {
  const queue = step.receivingOf(connectionId).find((found) => isNamed(found, info));
  // The answer to what we have said again, to a queue that has them.
  if (queue !== undefined && queue.status !== 'new') return null;
  const secret = queue && agree(queue.keys.privateKey, info.key);
  if (queue === undefined || !secret) return ignored(step, { connectionId }, 'keys for a queue that does not wait for them');
  step.update('receiving', queue.queueId, { secret: boxKeyOf(secret), status: 'confirmed', clientVersion: info.version });
  step.do(queue, queue.queueId, { do: 'key', senderKey, then: 'use' });
  return null;
}

/** The new queue is secured: QUSE. Where keys are being renewed it waits for that. */
export function sendUse(step: Step, { connectionId, server, senderId, replaces }: ReceivingQueue): void {
  const old = oldOf(step, replaces);
  if (old === undefined || !canSend(step, connectionId)) return;
  if (old !== null) told(step, old, 'sending-quse');
  sendContent(step, connectionId, { what: 'queue', content: { tag: 'QU', queues: [{ queue: { server, senderId }, isPrimary: old !== null }] } });
}

/** Null: it replaces none. Undefined: the one that it replaces is gone. */
function oldOf(step: Step, replaces: string | null): ReceivingQueue | null | undefined {
  return replaces === null ? null : step.get('receiving', replaces);
}

/** After the keys were renewed: what was said last may have been lost with the old ones. */
export function sayAgain(step: Step, connectionId: string): void {
  for (const queue of step.receivingOf(connectionId).filter(({ isPrimary }) => !isPrimary)) {
    const old = oldOf(step, queue.replaces);
    if (old === undefined || !canSend(step, connectionId)) continue;
    if (queue.status === 'new') sendAdd(step, queue, old);
    if (queue.status === 'secured') sendUse(step, queue);
  }
}

/** The first message to a new queue: the other side uses it. */
export function arrived(step: Step, { queueId, replaces }: ReceivingQueue): void {
  if (replaces === null) return;
  step.update('receiving', queueId, { isPrimary: true, replaces: null });
  const old = step.get('receiving', replaces);
  if (old === undefined) return;
  step.update('receiving', old.queueId, { isPrimary: false });
  told(step, old, 'received-message');
}

/** Deletes an old queue, when the application has acknowledged what came to it and nothing is missing, or has been for long. */
export function finishSwitch(step: Step, connectionId: string): void {
  for (const { queueId, switching, switchedAt } of step.receivingOf(connectionId)) {
    if (switching !== 'received-message') continue;
    const isHeld = (step.get('last', queueId)?.event ?? null) !== null;
    const isMissing = step.list('skipped', `${connectionId}/`, 1).length > 0 && step.now - (switchedAt ?? 0) < MISSING_MS;
    if (isHeld || isMissing) continue;
    step.update('receiving', queueId, { switching: 'deleting' });
    step.do({ connectionId }, queueId, { do: 'delete' });
  }
}
