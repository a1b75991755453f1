/**
 * The other side moves its queue, or has another one (agent §7.6, sender): QADD is answered with keys, QUSE with QTEST to the new queue. From QUSE on messages go to both;
 * when QTEST is accepted only to the new one, with those that the old one has not taken.
 */
import { equalBytes } from '@polyplex/base';
import type { AgentContent } from '@polyplex/protocol-agent';
import { CLIENT_VERSIONS } from '@polyplex/protocol-agent';
import { intersectVersions } from '@polyplex/protocol-common';
import { AgentError } from '../agent-error.ts';
import { isNamed, type QueueName } from '../connect/queue-name.ts';
import { newSendingQueue } from '../connect/queues.ts';
import { ignored } from '../messages/ignored.ts';
import { canSend, sealContent, sendContent } from '../messages/seal.ts';
import type { SendingQueue, TaskRecord } from '../records/records.ts';
import type { Step } from '../step.ts';
import { MOST_QUEUES } from './own-queue.ts';

type Added = Extract<AgentContent, { tag: 'QA' }>['queues'][number];

/** QADD: a queue in the place of another, or, where it replaces none, beside them. */
export function takeAdd(step: Step, connectionId: string, { queue: uri, replaces }: Added): null {
  // It is said again when the keys were renewed.
  if (!canSend(step, connectionId)) return null;
  // An echo: it is in use.
  if (step.sendingOf(connectionId).some((queue) => queue.status === 'active' && isNamed(queue, uri))) return null;
  const queue = replaces === null ? anotherQueue(step, connectionId, uri) : queueInPlace(step, connectionId, { uri, replaces });
  return queue === null ? ignored(step, { connectionId }, 'a new queue that cannot be used') : sayKeys(step, queue, uri);
}

/** Null: it is not taken. */
function anotherQueue(step: Step, connectionId: string, uri: Added['queue']): SendingQueue | null {
  const queues = step.sendingOf(connectionId);
  const known = queues.find((queue) => isNamed(queue, uri));
  // Some of them may be gone already at the other side.
  return known ?? (queues.length < 2 * MOST_QUEUES ? made(step, connectionId, { uri, replaces: null }) : null);
}

/** An earlier move of the same queue, to another one, is forgotten. */
function queueInPlace(step: Step, connectionId: string, { uri, replaces }: { readonly uri: Added['queue']; readonly replaces: QueueName }): SendingQueue | null {
  const queues = step.sendingOf(connectionId);
  const old = queues.find((queue) => isNamed(queue, replaces));
  if (old === undefined || queues.some((queue) => queue.replaces === null && isNamed(queue, uri))) return null;
  // Said again: the keys are the same, since the answer to the first may be on its way.
  const known = queues.find((queue) => queue.replaces === old.queueId && isNamed(queue, uri));
  if (known !== undefined) return known;
  const queue = made(step, connectionId, { uri, replaces: old.queueId });
  if (queue === null) return null;
  for (const earlier of queues) if (earlier.replaces === old.queueId) step.removeSending(earlier);
  told(step, old, 'sending-qkey');
  return queue;
}

/** QKEY. Nothing where the queue is in use, and this was an echo. */
function sayKeys(step: Step, { connectionId, status, publicKey, senderKeys, clientVersion: version }: SendingQueue, { server, senderId, mode }: Added['queue']): null {
  if (status !== 'new') return null;
  const queue = { server, senderId, mode, key: publicKey, version };
  sendContent(step, connectionId, { what: 'queue', content: { tag: 'QK', queues: [{ queue, senderKey: senderKeys.publicKey }] } });
  return null;
}

function made(step: Step, connectionId: string, { uri, replaces }: { readonly uri: Added['queue']; readonly replaces: string | null }): SendingQueue | null {
  const version = intersectVersions(CLIENT_VERSIONS, uri.versions)?.max;
  if (version === undefined) return null;
  try {
    const queue: SendingQueue = { ...newSendingQueue(connectionId, uri, version), isPrimary: false, replaces };
    step.addSending(queue);
    return queue;
  } catch (error) {
    if (error instanceof AgentError) return null;
    throw error;
  }
}

function told(step: Step, { connectionId, queueId }: SendingQueue, switching: NonNullable<SendingQueue['switching']>): void {
  step.update('sending', queueId, { switching });
  step.emit({ type: 'switch', connectionId, queue: 'sending', state: switching });
}

/** QUSE: the new queue is secured with our key. QTEST is the first message there. */
export function takeUse(step: Step, connectionId: string, name: QueueName): null {
  const queue = step.sendingOf(connectionId).find((found) => !found.isPrimary && isNamed(found, name));
  const old = queue?.replaces ? step.get('sending', queue.replaces) : null;
  if (queue === undefined || old === undefined) return ignored(step, { connectionId }, 'a queue that is not to be used');
  // It is said again when the keys were renewed.
  if (queue.status !== 'new' || !canSend(step, connectionId)) return null;
  step.update('sending', queue.queueId, { status: 'secured' });
  if (old !== null) told(step, old, 'sending-qtest');
  const { server, senderId, queueId } = queue;
  const { envelope, internalId } = sealContent(step, connectionId, { tag: 'QT', queues: [{ server, senderId }] });
  step.do(queue, queueId, { do: 'send', what: 'test', envelope, notify: false, withKey: false, isFirst: false, internalId });
  return null;
}

/** QTEST is at the new queue: it takes the place of the one that it replaces. What waits for that one alone goes to the new one, too. */
export function tested(step: Step, queueId: string, connectionId: string): void {
  const { replaces } = step.update('sending', queueId, { status: 'active' });
  if (replaces === null) return;
  const old = step.get('sending', replaces);
  step.update('sending', queueId, { isPrimary: old?.isPrimary ?? true, replaces: null });
  if (old === undefined) return;
  moveTasks(step, old.queueId, queueId);
  step.removeSending(old);
  step.emit({ type: 'switch', connectionId, queue: 'sending', state: 'done' });
}

/** At their places: what was encrypted first comes first there, too. */
function moveTasks(step: Step, from: string, to: string): void {
  const there = tasksOf(step, to);
  for (const { key, value } of step.list('task', `${from}/`)) {
    if (!there.some((record) => isSame(record, value))) step.put('task', `${to}${key.slice(from.length)}`, value);
  }
  step.lanes.add(to);
}

function isSame({ task: a }: TaskRecord, { task: b }: TaskRecord): boolean {
  return a.do === 'send' && b.do === 'send' && equalBytes(a.envelope, b.envelope);
}

/** The new queue does not take our messages: all stays as it was. */
export function notTested(step: Step, queueId: string): void {
  const queue = step.get('sending', queueId);
  if (queue === undefined || queue.isPrimary) return;
  if (queue.replaces !== null && step.get('sending', queue.replaces) !== undefined) step.update('sending', queue.replaces, { switching: null });
  step.removeSending(queue);
}

/** One that the other side has used, or asked to use in the place of this one, which it deletes as soon as it has read from there. */
function takesOver({ status, replaces }: SendingQueue, queueId: string): boolean {
  return status === 'active' || (status === 'secured' && replaces === queueId);
}

/** A queue that is gone at its relay, where there are others: they take what waits for it, and what was refused. Whether there are. */
export function goneQueue(step: Step, queueId: string, refused: { readonly key: string; readonly record: TaskRecord }): boolean {
  const queue = step.get('sending', queueId);
  const other = queue && step.sendingOf(queue.connectionId).find((found) => found.queueId !== queueId && takesOver(found, queueId));
  if (other === undefined) return false;
  step.put('task', refused.key, refused.record);
  moveTasks(step, queueId, other.queueId);
  step.removeSending(queue!);
  if (queue!.isPrimary) step.update('sending', other.queueId, { isPrimary: true });
  return true;
}

function tasksOf(step: Step, lane: string): TaskRecord[] {
  return step.list('task', `${lane}/`).map(({ value }) => value);
}

function idOf({ task }: TaskRecord): number | null {
  return task.do === 'send' ? task.internalId : null;
}

/** The same message before other queues of the connection. */
function elsewhere(step: Step, lane: string, record: TaskRecord): { readonly key: string; readonly value: TaskRecord }[] {
  if (idOf(record) === null) return [];
  const others = step.sendingOf(record.connectionId).filter(({ queueId }) => queueId !== lane);
  return others.flatMap(({ queueId }) => step.list('task', `${queueId}/`)).filter(({ value }) => idOf(value) === idOf(record));
}

/** Whether another queue has the message still before it: that one decides whether it is sent. */
export function isElsewhere(step: Step, lane: string, record: TaskRecord): boolean {
  return elsewhere(step, lane, record).length > 0;
}

/** One queue has the message: nothing is told of what becomes of it at others. */
export function sentElsewhere(step: Step, lane: string, record: TaskRecord): void {
  for (const { key, value } of elsewhere(step, lane, record)) if (value.task.do === 'send') step.put('task', key, { ...value, task: { ...value.task, isTold: true } });
}
