/**
 * Subscribes at one relay in one session: all that the store has (a walk), new ones as they come, and again those without an
 * answer (NTF §4.2, §4.3). Nothing is kept for a subscription in memory: the store is asked again after a reconnect, and it
 * alone knows what was deleted meanwhile, so a late answer resurrects nothing.
 */
import { idKey, type IdKey } from '@polyplex/base';
import { backoffMs, type BatchedRequest, type SmpClient } from '@polyplex/client';
import { decodePrivateKey } from '@polyplex/crypto';
import type { SubscriptionChange, SubscriptionRecord, SubscriptionStatus } from '@polyplex/store-contract';
import { Canaries } from './canaries.ts';
import { eachPage } from './each-page.ts';
import type { LinkContext } from './link-context.ts';
import type { Pace } from './pace.ts';
import type { Answered, RefusalGuard } from './refusal-guard.ts';
import type { StatusWriter } from './status-writer.ts';
import { refusal, subscribeAnswer, type SubscribeAnswer } from './subscribe-outcome.ts';
import { untilStored } from './until-stored.ts';

export interface SubscriberParts {
  readonly link: LinkContext;
  readonly client: SmpClient;
  readonly writer: StatusWriter;
  readonly guard: RefusalGuard;
  /** NSUBs to this relay. */
  readonly pace: Pace;
  /** Some were not answered: `repeat` shall be called some time. */
  readonly onUnanswered: () => void;
}

type AuthKey = NonNullable<BatchedRequest['key']>;

export class Subscriber {
  /** Queues that are subscribed one by one in this session, as far as we counted. */
  active = 0;
  /** Those that came into the service in this session. */
  associated = 0;
  /** Answered so far, for the operator to see that it goes on. */
  answered = 0;
  readonly canaries = new Canaries();
  private readonly parts: SubscriberParts;
  private readonly serviceId: Uint8Array | null;
  /** Queues with commands under way (a new one may be in a walk as well), and what came for them meanwhile. */
  private readonly inFlight = new Map<IdKey, { commands: number; event: SubscriptionStatus | null }>();
  private readonly repeats = new Map<IdKey, SubscriptionRecord>();
  private missed = false;
  private over = false;

  constructor(parts: SubscriberParts) {
    this.parts = parts;
    this.serviceId = parts.client.service?.serviceId ?? null;
  }

  /** The session is over: nothing is sent or concluded any more. */
  stop(): void {
    this.over = true;
  }

  /** Whether all have to be walked again, some time. */
  get incomplete(): boolean {
    return this.missed || this.parts.guard.doubts;
  }

  get repeatCount(): number {
    return this.repeats.size;
  }

  /** Subscribes to all; resolves when each was answered, or is to be repeated, or the session is over. */
  async walk(): Promise<void> {
    const { link, guard, writer } = this.parts;
    const { chunkSize, chunksInFlight } = link.options;
    guard.begin();
    this.missed = false;
    this.active = 0;
    this.associated = 0;
    const underWay = new Set<Promise<void>>();
    for await (const subscriptions of eachPage(link, () => !this.over)) {
      for (let at = 0; at < subscriptions.length && !this.over; at += chunkSize) {
        while (underWay.size >= chunksInFlight) await Promise.race(underWay);
        const chunk = this.subscribe(subscriptions.slice(at, at + chunkSize), guard).finally(() => underWay.delete(chunk));
        underWay.add(chunk);
      }
    }
    await Promise.all(underWay);
    if (!this.over) await writer.write(guard.end());
  }

  /** Takes what was made since, and subscribes to it; true when there may be more. */
  async takeNew(): Promise<boolean> {
    const { link } = this.parts;
    const { chunkSize } = link.options;
    const taken = await untilStored(() => link.store.takeNew(link.relay, chunkSize), link.insist(() => !this.over));
    if (taken === null || taken.length === 0) return false;
    await this.subscribe(taken, null);
    return taken.length === chunkSize;
  }

  /** Tries a chunk of those again that were not answered; true when there are more. */
  async repeat(): Promise<boolean> {
    const records = [...this.repeats.values()].slice(0, this.parts.link.options.chunkSize);
    for (const { notifierId } of records) this.repeats.delete(idKey(notifierId));
    if (records.length > 0) await this.subscribe(records, null);
    return this.repeats.size > 0;
  }

  /** Subscribes to one that a probe has taken; whether the relay took it. */
  async again(record: SubscriptionRecord): Promise<boolean> {
    this.canaries.remove(record.notifierId);
    await this.subscribe([record], null);
    const isTaken = this.canaries.has(record.notifierId);
    if (isTaken) this.active--; // it was counted before
    return isTaken;
  }

  /** END or DELD came for a queue: it is not subscribed, whatever an answer on its way to us says. */
  ended(notifierId: Uint8Array, status: SubscriptionStatus): void {
    const key = idKey(notifierId);
    const underWay = this.inFlight.get(key);
    if (underWay !== undefined) underWay.event = status;
    this.repeats.delete(key);
    this.canaries.remove(notifierId);
    if (this.active > 0) this.active--;
  }

  /** Never rejects for what a relay or a store does. `guard`: where refusals may be doubted. */
  private async subscribe(records: readonly SubscriptionRecord[], guard: RefusalGuard | null): Promise<void> {
    const { link, pace, writer } = this.parts;
    await pace.take(records.length);
    await link.subscribePace.take(records.length);
    if (this.over) return;
    const { requests, changes } = this.requests(records);
    for (const { record } of requests) this.takesOff(record);
    const { client } = this.parts;
    const answers = await link.turns.run(() => client.requestBatch(requests.map(({ request }) => request)));
    const events = requests.map(({ record }) => this.landed(record));
    if (this.over) return;
    const answered: Answered[] = [];
    answers.forEach((answer, i) => {
      const { record } = requests[i]!;
      const change = this.conclude(record, subscribeAnswer(answer, this.serviceId), events[i]!);
      if (change !== null) answered.push({ record, change });
    });
    const believed = guard === null ? answered.map(({ change }) => change) : guard.take(answered);
    if (guard?.doubts === true) link.relayStats.subscribes.add('held', answered.length - believed.length);
    const known = new Map(requests.map(({ record }) => [record.notifierId, record]));
    await writer.write([...changes, ...believed.filter((change) => differs(change, known.get(change.notifierId)))]);
    if (answered.length === requests.length) return;
    this.parts.onUnanswered();
    await this.slowDown();
  }

  private requests(records: readonly SubscriptionRecord[]) {
    const changes: SubscriptionChange[] = [];
    const requests: { readonly record: SubscriptionRecord; readonly request: BatchedRequest }[] = [];
    const asService = this.serviceId !== null;
    for (const record of records) {
      const key = authKey(record.notifierKey);
      if (key === null) changes.push({ notifierId: record.notifierId, status: UNUSABLE_KEY });
      else requests.push({ record, request: { command: { tag: 'NSUB' }, entityId: record.notifierId, key, asService } });
    }
    return { requests, changes };
  }

  private takesOff({ notifierId }: SubscriptionRecord): void {
    const key = idKey(notifierId);
    const underWay = this.inFlight.get(key);
    if (underWay === undefined) this.inFlight.set(key, { commands: 1, event: null });
    else underWay.commands++;
  }

  /** What came meanwhile. */
  private landed({ notifierId }: SubscriptionRecord): SubscriptionStatus | null {
    const key = idKey(notifierId);
    const underWay = this.inFlight.get(key)!;
    if (--underWay.commands === 0) this.inFlight.delete(key);
    return underWay.event;
  }

  /** What is now known of a subscription; null: nothing. */
  private conclude(record: SubscriptionRecord, answer: SubscribeAnswer, event: SubscriptionStatus | null): SubscriptionChange | null {
    const { relayStats } = this.parts.link;
    const { notifierId } = record;
    if (answer.result === 'later') {
      relayStats.subscribes.add('later');
      this.repeatLater(record);
      return null;
    }
    this.answered++;
    if (answer.result === 'refused') {
      const { status } = answer;
      relayStats.subscribes.add(status === 'AUTH' || status === 'SERVICE' ? status : 'ERR');
      return { notifierId, status };
    }
    relayStats.subscribes.add('active');
    if (event !== null) return { notifierId, status: event };
    if (answer.inService) this.associated++;
    else {
      this.active++;
      this.canaries.add(record);
    }
    return { notifierId, status: 'ACTIVE', inService: answer.inService };
  }

  private repeatLater(record: SubscriptionRecord): void {
    if (this.repeats.size < this.parts.link.options.repeats) this.repeats.set(idKey(record.notifierId), record);
    else this.missed = true;
  }

  /** A relay that does not keep up, or stays silent, is asked less. */
  private async slowDown(): Promise<void> {
    const { link } = this.parts;
    if (!this.over) await link.sleep(backoffMs(link.options.backoff, 0, link.random()));
  }
}

const UNUSABLE_KEY = statusOf(refusal('CryptoError key'));

function statusOf(answer: SubscribeAnswer): SubscriptionStatus {
  return answer.result === 'refused' ? answer.status : 'AUTH';
}

function authKey(der: Uint8Array): AuthKey | null {
  const key = decodePrivateKey(der);
  return key === null || key.kind === 'x448' ? null : (key as AuthKey);
}

/** A walk over what is as it was writes nothing. */
function differs(change: SubscriptionChange, record: SubscriptionRecord | undefined): boolean {
  return record === undefined || change.status !== record.status || (change.inService !== undefined && change.inService !== record.inService);
}
