/**
 * Connections deleted (agent §7.8): at once, or when everything that was sent before has left. What comes meanwhile is forgotten unread. The
 * record stays until the relays have deleted our queues.
 */
import type { Step } from '../step.ts';

export interface DeleteOptions {
  /** What was sent before leaves first, for two days at most. */
  readonly afterSending?: boolean;
}

/** Nothing where the connection is unknown, or is being deleted. */
export function deleteConnection(step: Step, connectionId: string, { afterSending = false }: DeleteOptions = {}): void {
  const connection = step.get('connection', connectionId);
  if (connection === undefined || connection.stage === 'deleting') return;
  if (!afterSending || !hasToSend(step, connectionId)) return deleteNow(step, connectionId);
  step.update('connection', connectionId, { stage: 'ending' });
  step.put('ending', connectionId, step.now);
  forgetOffers(step, connectionId);
  forgetMessages(step, connectionId);
}

/** Whether something waits for a relay of the other side, or for one of ours before it can. */
function hasToSend(step: Step, connectionId: string): boolean {
  const isKey = (queueId: string): boolean => step.list('task', `${queueId}/`).some(({ value: { task } }) => task.do === 'key');
  return step.sendingOf(connectionId).some(({ queueId }) => step.list('task', `${queueId}/`, 1).length > 0) || step.receivingOf(connectionId).some(({ queueId }) => isKey(queueId));
}

/** A task of an ending connection is done: that may have been the last. */
export function finishDelete(step: Step, connectionId: string): void {
  if (step.get('ending', connectionId) !== undefined && !hasToSend(step, connectionId)) deleteNow(step, connectionId);
}

/** What has not left by now never will. */
export function deleteNow(step: Step, connectionId: string): void {
  step.update('connection', connectionId, { stage: 'deleting' });
  for (const kind of ['ratchet', 'parameters', 'taken', 'link', 'ending'] as const) step.remove(kind, connectionId);
  for (const kind of ['former', 'skipped', 'sent', 'seen', 'keys'] as const) step.removeAll(kind, `${connectionId}/`);
  forgetOffers(step, connectionId);
  for (const queue of step.sendingOf(connectionId)) step.removeSending(queue);
  const queues = step.receivingOf(connectionId);
  for (const queue of queues) {
    step.removeAll('task', `${queue.queueId}/`);
    step.remove('last', queue.queueId);
    step.do({ connectionId }, queue.queueId, { do: 'delete' });
    step.forgotten.push(queue);
  }
  if (queues.length === 0) step.remove('connection', connectionId);
}

function forgetOffers(step: Step, connectionId: string): void {
  for (const { key, value } of step.list('offer')) if (value.connectionId === connectionId) step.remove('offer', key);
}

/** The application has no more use for them, so the queues go on. */
function forgetMessages(step: Step, connectionId: string): void {
  for (const { queueId } of step.receivingOf(connectionId)) {
    const last = step.get('last', queueId);
    if ((last?.event ?? null) === null) continue;
    step.put('last', queueId, { ...last!, event: null });
    step.do({ connectionId }, queueId, { do: 'acknowledge', relayMessageId: last!.relayMessageId });
  }
}
