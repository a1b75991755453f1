/**
 * What ACK has to tell of a message, of those that this process appended last: the message itself, of 16 KiB, need not be read
 * for it. Bounded; where nothing is known, the message is read.
 */
import type { IdKey } from '@polyplex/base';

const MAX_QUEUES = 4096;

export interface RecentMessage {
  readonly msgId: Uint8Array;
  readonly notify: boolean;
}

export class RecentMessages {
  private readonly last = new Map<IdKey, RecentMessage>();

  /** The last message that was appended to a queue, and is committed. */
  get(queue: IdKey): RecentMessage | undefined {
    return this.last.get(queue);
  }

  appended(queue: IdKey, message: RecentMessage): void {
    if (this.last.size >= MAX_QUEUES) this.last.delete(this.last.keys().next().value!);
    this.last.set(queue, message);
  }

  acknowledged(queue: IdKey): void {
    this.last.delete(queue);
  }
}
