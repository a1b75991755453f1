/** Tasks at relays, and what follows from their answers (agent §6, §7.1). */
import { acknowledge, deleteLinkData, deleteQueue, RefusedError, type Requester, secureBySender, secureQueue, sendMessage, setLinkData, SmpClientError } from '@polyplex/client';
import type { ReplyOf } from '@polyplex/protocol-smp';
import { confirm, isSecurable } from '../connect/confirm.ts';
import { type AgentContext, senderAt } from '../context.ts';
import type { AfterKey, ReceivingQueue, SendingQueue, SentWhat, Task, TaskRecord } from '../records/records.ts';
import { sendUse } from '../rotation/own-queue.ts';
import { goneQueue, isElsewhere, notTested, sentElsewhere, tested } from '../rotation/peer-queue.ts';
import type { Step } from '../step.ts';
import { wrapped } from './client-envelope.ts';
import { canSend, sendContent } from './seal.ts';
import { ready } from './take-message.ts';

/** `again`: no answer, or one that may change. `refused`: never. */
export type Outcome =
  | { readonly result: 'done'; readonly next: ReplyOf<'MSG'> | null }
  | { readonly result: 'again'; readonly pace: 'fast' | 'slow'; readonly isFull?: true }
  | { readonly result: 'refused'; readonly reason: string };

const DONE: Outcome = { result: 'done', next: null };

/** The queue of a lane; undefined where it is gone, and its tasks with it. */
export function laneQueue(context: AgentContext, lane: string): { readonly receiving?: ReceivingQueue; readonly sending?: SendingQueue } | undefined {
  return context.read((records) => {
    const receiving = records.get('receiving', lane);
    if (receiving !== undefined) return { receiving };
    const sending = records.get('sending', lane);
    return sending && { sending };
  });
}

/** Does a task once; never rejects but for bugs. */
export async function perform(context: AgentContext, task: Task, { receiving, sending }: NonNullable<ReturnType<typeof laneQueue>>): Promise<Outcome> {
  try {
    if (sending !== undefined) return await atSender(await senderAt(context, sending.server), sending, task);
    return await atRecipient(await context.relays.requester(receiving!.server), receiving!, task);
  } catch (error) {
    if (error instanceof RefusedError) {
      // An acknowledgement whose answer was lost: a message that came with it was lost, too. Subscribing gives it again.
      if (task.do === 'acknowledge' && error.error.type === 'NO_MSG' && receiving !== undefined) context.relays.subscribe([receiving]);
      return refusal(error, task);
    }
    if (error instanceof SmpClientError) return error.code === 'TRANSPORT' || error.code === 'HOST' ? { result: 'again', pace: 'slow' } : { result: 'again', pace: 'fast' };
    throw error;
  }
}

async function atSender(requester: Requester, queue: SendingQueue, task: Task): Promise<Outcome> {
  if (task.do === 'secure') await secureBySender(requester, queue.senderId, queue.senderKeys);
  if (task.do === 'send') await send(requester, queue, task);
  return DONE;
}

async function send(requester: Requester, queue: SendingQueue, task: Extract<Task, { do: 'send' }>): Promise<void> {
  const { senderId, senderKeys: { privateKey } } = queue;
  const key = task.withKey || task.what === 'request' ? null : privateKey;
  try {
    await sendMessage(requester, { senderId, key }, wrapped(queue, task), task.notify);
  } catch (error) {
    if (!task.withKey || !(error instanceof RefusedError) || error.error.type !== 'AUTH') throw error;
    // The answer to an earlier attempt may have been lost, and the queue be secured with our key since.
    await sendMessage(requester, { senderId, key: privateKey }, wrapped(queue, task), task.notify);
  }
}

async function atRecipient(requester: Requester, { recipientId, recipientKey: key }: ReceivingQueue, task: Task): Promise<Outcome> {
  const keys = { recipientId, key };
  if (task.do === 'acknowledge') return { result: 'done', next: await acknowledge(requester, keys, task.relayMessageId) };
  if (task.do === 'key') await secureQueue(requester, keys, task.senderKey);
  if (task.do === 'set-link') await setLinkData(requester, keys, task.linkId, { fixedData: task.fixed, userData: task.user });
  if (task.do === 'delete-link') await deleteLinkData(requester, keys);
  if (task.do === 'delete') await deleteQueue(requester, keys);
  return DONE;
}

/** A full queue is tried again, and a relay whose store is in trouble; acknowledging or deleting what is gone is done. */
function refusal({ error }: RefusedError, task: Task): Outcome {
  if (error.type === 'STORE') return { result: 'again', pace: 'slow' };
  if (error.type === 'QUOTA') return { result: 'again', pace: 'slow', isFull: true };
  if (task.do === 'acknowledge' && error.type === 'NO_MSG') return DONE;
  if (task.do === 'delete' && error.type === 'AUTH') return DONE;
  return { result: 'refused', reason: error.type };
}

/** What is changed when a task is done, in the step that removes it. */
export function done(step: Step, lane: string, record: TaskRecord): void {
  const { task, connectionId } = record;
  if (task.do === 'secure') step.update('sending', lane, { status: 'secured' });
  if (task.do === 'key') keyed(step, { connectionId, queueId: lane, then: task.then });
  if (task.do === 'delete') forgetQueue(step, lane, connectionId);
  if (task.do === 'acknowledge' && task.isEndOfFull === true) hasRoomAgain(step, lane);
  if (task.do !== 'send' || task.isTold === true) return;
  sentElsewhere(step, lane, record);
  sent(step, lane, { what: task.what, connectionId, internalId: task.internalId });
}

/** Our queue was full, and is read to its end now: its sender may go on (agent §7.4). Told before, it could find the queue still full. */
function hasRoomAgain(step: Step, queueId: string): void {
  const queue = step.get('receiving', queueId);
  if (queue === undefined || !canSend(step, queue.connectionId)) return;
  const { server, senderId, connectionId } = queue;
  sendContent(step, connectionId, { what: 'continue', content: { tag: 'QC', queue: { server, senderId } } });
}

/** Our queue is secured with the other side's key. */
function keyed(step: Step, { connectionId, queueId, then }: { readonly connectionId: string; readonly queueId: string; readonly then: AfterKey }): void {
  const queue = step.update('receiving', queueId, { status: 'secured' });
  if (then === 'hello') return sayHello(step, connectionId);
  if (then === 'use') return sendUse(step, queue);
  step.addSending(then.confirm);
  confirm(step, then.confirm, then.envelope);
}

/** As the one who joined: the other side has secured its queue, or we have. */
function sayHello(step: Step, connectionId: string): void {
  const [sending] = step.sendingOf(connectionId);
  step.update('sending', sending!.queueId, { status: 'secured' });
  sendContent(step, connectionId, { what: 'hello', content: { tag: 'H' }, notify: true });
}

function sent(step: Step, lane: string, { what, connectionId, internalId }: { readonly what: SentWhat; readonly connectionId: string; readonly internalId: number | null }): void {
  if (what === 'message') step.emit({ type: 'sent', connectionId, messageId: internalId! });
  if (what === 'request') step.remove('sending', lane);
  if (what === 'confirmation') confirmed(step, lane, connectionId);
  if (what === 'test') tested(step, lane, connectionId);
  if (what === 'hello') helloSent(step, lane, connectionId);
}

/** The initiator's confirmation at a queue it has secured is the end of the fast procedure; else hellos follow. */
function confirmed(step: Step, lane: string, connectionId: string): void {
  const queue = step.get('sending', lane)!;
  const isSecured = isSecurable(queue) && queue.status === 'secured';
  const isFast = isSecured && step.connection(connectionId).role === 'invited';
  // The other side's answer may be here before the relay's.
  if (isSecured || queue.status === 'new') step.update('sending', lane, { status: isFast ? 'active' : 'confirmed' });
  if (isFast) ready(step, connectionId);
}

function helloSent(step: Step, lane: string, connectionId: string): void {
  step.update('sending', lane, { status: 'active' });
  if (step.receivingOf(connectionId).some(({ status }) => status === 'active')) ready(step, connectionId);
}

export interface Refused {
  readonly key: string;
  readonly record: TaskRecord;
  readonly reason: string;
}

/** Whether any queue does for it. */
function isOfConversation(task: Task): boolean {
  return task.do === 'send' && !['confirmation', 'request', 'hello', 'test'].includes(task.what);
}

function isToldElsewhere(step: Step, lane: string, record: TaskRecord): boolean {
  return (record.task.do === 'send' && record.task.isTold === true) || isElsewhere(step, lane, record);
}

/** What is changed when a task will never be done. */
export function refused(step: Step, lane: string, { key, record, reason }: Refused): void {
  const { task, connectionId } = record;
  if (task.do === 'delete') return forgetQueue(step, lane, connectionId);
  if (reason === 'AUTH' && isOfConversation(task) && goneQueue(step, lane, { key, record })) return;
  if (task.do === 'acknowledge' || isToldElsewhere(step, lane, record)) return;
  if (task.do === 'send') notSent(step, lane, task.what);
  step.emit({ type: 'not-sent', connectionId, messageId: task.do === 'send' ? task.internalId : null, reason });
}

function notSent(step: Step, lane: string, what: SentWhat): void {
  if (what === 'test') notTested(step, lane);
  if (what === 'request') step.remove('sending', lane);
}

function forgetQueue(step: Step, queueId: string, connectionId: string): void {
  const queue = step.get('receiving', queueId);
  if (queue !== undefined) step.forgotten.push(queue);
  if (queue?.switching === 'deleting') step.emit({ type: 'switch', connectionId, queue: 'receiving', state: 'done' });
  step.remove('receiving', queueId);
  step.remove('receiving-of', `${connectionId}/${queueId}`);
  step.remove('last', queueId);
  if (step.receivingOf(connectionId).length === 0) step.remove('connection', connectionId);
}
