/** Our confirmation to a queue of the other side (agent §6.2, §6.3). */
import type { SendingQueue } from '../records/records.ts';
import type { Step } from '../step.ts';

/** Whether we secure the queue; else our key goes with the confirmation, and its recipient does. */
export function isSecurable({ mode }: Pick<SendingQueue, 'mode'>): boolean {
  return mode === 'messaging';
}

/** The queue is secured first where we can, and is not yet. */
export function confirm(step: Step, queue: SendingQueue, envelope: Uint8Array): void {
  if (isSecurable(queue) && queue.status === 'new') step.do(queue, queue.queueId, { do: 'secure' });
  step.do(queue, queue.queueId, { do: 'send', what: 'confirmation', envelope, notify: true, withKey: !isSecurable(queue), isFirst: true, internalId: null });
}
