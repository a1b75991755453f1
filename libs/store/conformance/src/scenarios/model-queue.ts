/** The plain model of one queue: arrays and fields, no stores. */
import { expect } from 'vitest';
import type { Message, Notification, QueueRecord, QueueStore } from '@polyplex/store-contract';
import { anyQueue, type BodyMessage, changed } from '../builders.ts';

export class ModelQueue {
  /** The record of the last answer; `stale` ones are known by its revision. */
  record!: QueueRecord;
  /** An earlier record, when there is one with another revision. */
  older: QueueRecord | null = null;
  exists = false;
  secured = false;
  off = false;
  messages: Message[] = [];
  notifierId: Uint8Array | null = null;
  notifications: Notification[] = [];
  subscriber: number | null = null;
  notifySubscriber: number | null = null;
  readonly connections = new Set<number>();
  readonly events: string[] = [];

  async create(store: QueueStore): Promise<void> {
    this.record = changed(await store.create(anyQueue()));
    this.exists = true;
  }

  /** Takes over the record of a change. */
  changed(answer: { readonly status: string; readonly queue?: QueueRecord | null }): void {
    const record = changed(answer);
    if (record.revision !== this.record.revision) this.older = this.record;
    this.record = record;
  }

  /** The quota rule of SMP §6.2. */
  append(message: BodyMessage, quota: number): 'stored' | 'quota' {
    const closed = this.messages.at(-1)?.kind === 'quota';
    if (closed) return 'quota';
    const stored = this.messages.length < quota;
    this.messages.push(stored ? message : { kind: 'quota', msgId: message.msgId, ts: message.ts });
    return stored ? 'stored' : 'quota';
  }

  /** The head rule of SMP §8.4. */
  expire(before: number): number {
    let count = 0;
    while (this.messages[0]?.kind === 'message' && this.messages[0].ts < before) {
      this.messages.shift();
      count++;
    }
    return count;
  }

  delete(): void {
    this.exists = false;
    this.messages = [];
    this.notifications = [];
    this.subscriber = this.notifySubscriber = null;
  }

  expectStale(answer: unknown): void {
    expect(answer).toEqual({ status: 'stale', queue: this.exists ? this.record : null });
  }
}
