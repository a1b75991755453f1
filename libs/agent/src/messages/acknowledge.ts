/** The application has a message or receipt: its relay may forget it, and its sender be told (agent §7.2, §7.5). */
import { finishSwitch } from '../rotation/own-queue.ts';
import type { Step } from '../step.ts';
import { canSend, sendContent } from './seal.ts';

/** With `receipt`, the sender is told. Nothing where it was acknowledged before. Throws TOO_LARGE for the receipt, and then has changed nothing. */
export function acknowledge(step: Step, connectionId: string, messageId: number, receipt?: Uint8Array): void {
  for (const { queueId } of step.receivingOf(connectionId)) {
    const last = step.get('last', queueId);
    const event = last?.event ?? null;
    if (last === undefined || event?.messageId !== messageId) continue;
    // A message may come before the other side can be sent to; it gets no receipt then.
    if (receipt !== undefined && event.type === 'message' && canSend(step, connectionId)) {
      sendContent(step, connectionId, { what: 'receipt', content: { tag: 'V', receipts: [{ messageId: event.sentId, hash: event.hash, info: receipt }] } });
    }
    step.put('last', queueId, { ...last, event: null });
    step.do({ connectionId }, queueId, { do: 'acknowledge', relayMessageId: last.relayMessageId });
  }
  finishSwitch(step, connectionId);
}
