/** Whether a store has what an old server had: every service and queue, with link data, messages and notifications. */
import { equalBytes } from '@polyplex/base';
import { encodeValue, linkData, message, notification, notifier, publicKey, recipientKeys, service } from '@polyplex/store-common';
import type { Codec } from '@polyplex/codec';
import { formatBlockingInfo } from '@polyplex/protocol-common';
import { type Item, type QueueRecord, type QueueStatus, type ServiceRecord, type StoredQueue, StoreError, type Transfer } from '@polyplex/store-contract';
import { type OldServer, type QueueRules, readQueue } from './queue-source.ts';

type Reading = Pick<Transfer, 'readQueues' | 'readServices'>;

export interface QueueVerification {
  readonly rules: QueueRules;
  readonly signal: AbortSignal;
  /** Called for each page with how many queues of the store have been compared. */
  readonly progress: (compared: number) => void;
}

export interface VerifiedQueues {
  /** Queues that are as they were, with their messages and notifications. */
  readonly right: { readonly queues: number; readonly messages: number; readonly notifications: number; readonly services: number };
  /** Lines of queues that are otherwise in the store, or not in it at all; of each kind the first ones. */
  readonly different: Lines;
  readonly absent: Lines;
  readonly absentServices: number;
  /** Queues of the store that the old server does not know. */
  readonly others: number;
}

interface Lines {
  readonly count: number;
  readonly lines: readonly number[];
}

const ITEMS_PER_PAGE = 200;
const KEPT_LINES = 20;

/** Null where the signal ended it. Rejects with what the store rejects with. The day of last use is not compared. */
export async function verifyQueues(store: Reading, server: OldServer, options: QueueVerification): Promise<VerifiedQueues | null> {
  const all = server.queues.addresses();
  for (const address of all) server.queues.stored.mark(address, false);
  const comparison = new Comparison(server, options.rules);
  const services = await servicesOf(store, server);
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    if (options.signal.aborted) return null;
    const page: Awaited<ReturnType<Reading['readQueues']>> = await store.readQueues(cursor, ITEMS_PER_PAGE);
    for (const stored of page.queues.map(whole)) await comparison.take(stored);
    cursor = page.cursor;
    options.progress(comparison.right.queues + comparison.different.count);
  }
  const absent = new Found();
  for (const address of all) if (server.queues.stored.mark(address, true)) absent.add(server.queues.stored.line(address));
  const { right, different, others } = comparison;
  return { right: { ...right, services }, different, absent, others, absentServices: server.queues.allServices().length - services };
}

/** Of the queues of a store with those of an old server. */
class Comparison {
  readonly right = { queues: 0, messages: 0, notifications: 0 };
  readonly different = new Found();
  others = 0;
  private readonly server: OldServer;
  private readonly rules: QueueRules;

  constructor(server: OldServer, rules: QueueRules) {
    this.server = server;
    this.rules = rules;
  }

  async take(stored: StoredQueue): Promise<void> {
    const { queues } = this.server;
    const address = queues.find('recipient', stored.record.recipientId);
    if (address === 0) this.others++;
    // A walk may come by twice.
    if (address === 0 || !queues.stored.mark(address, true)) return;
    const { line, queue } = await readQueue(this.server, address, this.rules, () => undefined);
    if (!isSameQueue(stored, queue)) return this.different.add(line);
    this.right.queues++;
    this.right.messages += queue.messages.length;
    this.right.notifications += queue.notifications.length;
  }
}

class Found implements Lines {
  count = 0;
  readonly lines: number[] = [];

  add(line: number): void {
    if (this.count++ < KEPT_LINES) this.lines.push(line);
  }
}

function whole<T>(item: Item<T>): T {
  if (item instanceof StoreError) throw item;
  return item;
}

/** How many of the old services are there as they were. */
async function servicesOf(store: Reading, server: OldServer): Promise<number> {
  const wanted = server.queues.allServices();
  if (wanted.length === 0) return 0;
  const found: ServiceRecord[] = [];
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    const page: Awaited<ReturnType<Reading['readServices']>> = await store.readServices(cursor, ITEMS_PER_PAGE);
    found.push(...page.services.map(whole));
    cursor = page.cursor;
  }
  return wanted.filter((one) => found.some((other) => same(service, one, other))).length;
}

/** Whether two values take the same bytes in a store. */
function same<T>(format: Codec<T>, a: T | null, b: T | null): boolean {
  if (a === null || b === null) return a === b;
  return equalBytes(encodeValue(format, a), encodeValue(format, b));
}

function isSameQueue(a: StoredQueue, b: StoredQueue): boolean {
  return isSameRecord(a.record, b.record) && same(linkData, a.link, b.link) &&
    allSame(message, a.messages, b.messages) && allSame(notification, a.notifications, b.notifications);
}

function allSame<T>(format: Codec<T>, a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, i) => same(format, one, b[i]!));
}

function isSameRecord(a: QueueRecord, b: QueueRecord): boolean {
  return sameIds(a, b) && a.mode === b.mode && equalBytes(a.dhSecret, b.dhSecret) && statusText(a.status) === statusText(b.status) &&
    same(recipientKeys, a.recipientKeys, b.recipientKeys) && same(publicKey, a.senderKey, b.senderKey) && same(notifier, a.notifier, b.notifier);
}

function sameIds(a: QueueRecord, b: QueueRecord): boolean {
  return ([(queue) => queue.senderId, (queue) => queue.linkId, (queue) => queue.serviceId] satisfies ((queue: QueueRecord) => Uint8Array | null)[])
    .every((of) => sameId(of(a), of(b)));
}

function sameId(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalBytes(a, b);
}

function statusText(status: QueueStatus): string {
  return status.state === 'blocked' ? formatBlockingInfo(status.info) : status.state;
}
