/**
 * Notifications of one relay on their way into the store (NTF §4.5): in the order in which they came, in batches, one batch
 * at a time. Each relay has its own, so none waits for another's. It is bounded by not reading from the relay. What is here when the process dies is lost, as in the network: NMSG has no acknowledgement.
 */
import { copyBytes, idKey, type IdKey, SECOND } from '@polyplex/base';
import { type Announced, type Item, type ReceivedNotification, StoreError } from '@polyplex/store-contract';
import type { LinkContext } from './link-context.ts';
import { Pace } from './pace.ts';
import type { Reading } from './reading.ts';
import { untilStored } from './until-stored.ts';

export class Inbox {
  /** Of the last notification, Unix milliseconds; null: none yet. */
  lastAt: number | null = null;
  private readonly link: LinkContext;
  private readonly reading: Reading;
  private readonly pace: Pace;
  private waiting: ReceivedNotification[] = [];
  private working: Promise<void> | null = null;
  private abandoned = false;

  constructor(link: LinkContext, reading: Reading) {
    this.link = link;
    this.reading = reading;
    this.pace = new Pace(link.clock, link.options.notificationsPerSecondAndRelay, SECOND);
  }

  get size(): number {
    return this.waiting.length;
  }

  /** When the oldest that waits arrived, Unix milliseconds. */
  get oldestAt(): number | null {
    return this.waiting[0]?.receivedAt ?? null;
  }

  /** The bytes may be views: they are copied. */
  push(notifierId: Uint8Array, nonce: Uint8Array, meta: Uint8Array): void {
    if (this.abandoned) return;
    const receivedAt = this.link.clock.now();
    this.lastAt = receivedAt;
    this.waiting.push({ notifierId: copyBytes(notifierId), nonce: copyBytes(nonce), meta: copyBytes(meta), receivedAt });
    this.reading.wait(1);
    this.working ??= this.work();
  }

  /** Resolves when nothing waits, or the time is over. */
  async drain(): Promise<void> {
    const cancel = this.link.clock.after(this.link.options.drainMs, () => (this.abandoned = true));
    await this.working;
    cancel();
  }

  private async work(): Promise<void> {
    await Promise.resolve(); // all of a block together
    while (this.waiting.length > 0 && !this.abandoned) {
      const batch = this.waiting.slice(0, this.link.options.receiveBatch);
      await this.pace.take(batch.length);
      const left = await this.receive(batch);
      this.waiting.splice(0, batch.length, ...left);
      this.reading.wait(left.length - batch.length);
    }
    this.reading.wait(-this.waiting.splice(0).length);
    this.working = null;
  }

  /** Those that have to be tried again. */
  private async receive(batch: readonly ReceivedNotification[]): Promise<readonly ReceivedNotification[]> {
    const { store, relay, pushing, options, clock } = this.link;
    const wanted = (): boolean => !this.abandoned;
    const step = (): Promise<readonly Item<Announced>[]> =>
      store.receive(relay, batch, clock.now(), pushing.hasRoom() ? options.pushLeaseMs : null);
    const answers = await untilStored(step, this.link.insist(wanted));
    if (answers === null) return batch;
    answers.forEach((answer, i) => {
      if (!(answer instanceof StoreError)) this.announced(batch[i]!, answer);
    });
    const left = toRepeat(batch, answers);
    if (left.length > 0) await this.link.storeFailed();
    return left;
  }

  private announced({ notifierId, receivedAt }: ReceivedNotification, answer: Announced): void {
    const { stats, relayStats, ownHost, clock, pushing } = this.link;
    relayStats.receiveSeconds.observe(Math.max(0, clock.now() - receivedAt) / SECOND);
    if (answer === 'none') return stats.receivedAuth.count(ownHost);
    stats.received.count(ownHost);
    stats.activeSubscriptions.add(notifierId);
    if (answer !== 'waiting') pushing.offer(answer);
  }
}

/** Those that failed, but for what a later one has replaced: of a subscription only the newest is kept. */
function toRepeat(batch: readonly ReceivedNotification[], answers: readonly Item<Announced>[]): readonly ReceivedNotification[] {
  const stored = new Set<IdKey>();
  const left: ReceivedNotification[] = [];
  for (let i = batch.length - 1; i >= 0; i--) {
    const key = idKey(batch[i]!.notifierId);
    if (!(answers[i] instanceof StoreError)) stored.add(key);
    else if (!stored.has(key)) left.unshift(batch[i]!);
  }
  return left;
}
