/** What became of the queues, counted by how it ended. */
import type { FoundQueue, QueueOutcome } from '@polyplex/store-transfer';
import { countText } from '../../moving/progress.ts';
import type { Row } from '../../moving/summary.ts';

const SHOWN_LINES = 20;

export interface QueueCount {
  queues: number;
  messages: number;
  notifications: number;
}

export class QueueTally {
  readonly services: Record<QueueOutcome, number> = { written: 0, present: 0, collision: 0 };
  readonly expired = { messages: 0, notifications: 0 };
  queues = 0;
  /** Bodies of messages. */
  bytes = 0;
  private readonly counts = new Map<QueueOutcome | 'right', QueueCount>();
  private readonly collisionLines: number[] = [];

  add({ line, queue, expired }: FoundQueue, outcome: QueueOutcome | 'right'): void {
    const count = this.of(outcome);
    this.counts.set(outcome, count);
    count.queues++;
    count.messages += queue.messages.length;
    count.notifications += queue.notifications.length;
    this.expired.messages += expired.messages;
    this.expired.notifications += expired.notifications;
    this.queues++;
    for (const message of queue.messages) if (message.kind === 'message') this.bytes += message.body.length;
    if (outcome === 'collision' && this.collisionLines.length < SHOWN_LINES) this.collisionLines.push(line);
  }

  of(outcome: QueueOutcome | 'right'): QueueCount {
    return this.counts.get(outcome) ?? { queues: 0, messages: 0, notifications: 0 };
  }

  /** Queues and services that are not in the store because others have their ids. */
  get collisions(): number {
    return this.of('collision').queues + this.services.collision;
  }

  /** What was passed over. */
  otherRows(): Row[] {
    const { messages, notifications } = this.expired;
    const { queues } = this.of('collision');
    return [
      ...(messages + notifications === 0 ? [] : [['Expired', `${countText(messages)} messages and ${countText(notifications)} notifications; passed over`] as const]),
      ...(queues === 0 ? [] : [['NOT imported', `${countText(queues)} queues, since others in the store have their ids (${linesText(queues, this.collisionLines)} of the log)`] as const]),
      ...(this.services.collision === 0 ? [] : [['NOT imported', `${countText(this.services.collision)} services, since others in the store have their ids`] as const]),
    ];
  }
}

export function linesText(count: number, lines: readonly number[]): string {
  const shown = [...lines].sort((a, b) => a - b).join(', ');
  return `${count === 1 ? 'line' : 'lines'} ${shown}${count > lines.length ? ', …' : ''}`;
}
