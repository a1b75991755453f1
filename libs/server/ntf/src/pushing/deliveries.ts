/** Jobs in the hands of this process: they wait for their place, are pushed one kind at a time, and settled. */
import type { PushAnswer } from '@polyplex/push';
import type { PushJob, PushOutcome } from '@polyplex/store-contract';
import { SECOND } from '@polyplex/base';
import { NULL_PROVIDER } from '../stats.ts';
import type { PushingShared } from './deps.ts';
import type { Family } from './family.ts';
import { countResult, judge, outcomeOf } from './outcome.ts';
import type { Place, Waiting } from './place.ts';
import { type JobKind, nextKind, pushOf } from './push-of.ts';
import { providerKind } from './pushing-stats.ts';

const NOT_SETTLED = Symbol('not settled');
/** Waits between tries to settle while the store is away; its lease is the end of it. */
const SETTLE_WAITS_MS: readonly number[] = [100, SECOND, 5 * SECOND];
/** A job given back for want of room comes again after so long, and up to twice that. */
const DEFER_MS = 3 * SECOND;
/** So that others may have it at once, and it is not leased to us again. */
const SOON_MS = 1;

export class Deliveries {
  readonly #shared: PushingShared;
  readonly #roomCame: () => void;
  /** Jobs that are being pushed, settled or given back. */
  #atWork = 0;
  #isStopped = false;
  #idle: (() => void) | null = null;

  constructor(shared: PushingShared, roomCame: () => void) {
    this.#shared = shared;
    this.#roomCame = roomCame;
  }

  /** Jobs that may be taken from the store now. */
  get room(): number {
    const { places: { apns, webPush } } = this.#shared;
    // What is on its way back to the store counts, so that a service without room does not make jobs go round and round.
    const free = apns.limits.familyQueued + webPush.limits.familyQueued - apns.queued - webPush.queued - this.#atWork;
    return this.#isStopped ? 0 : Math.max(0, free);
  }

  get hasRoom(): boolean {
    return this.room > 0;
  }

  offer(job: PushJob): void {
    const { clock, sender, places, options, pushingStats } = this.#shared;
    const now = clock.now();
    const { provider } = job.token.device;
    const name = sender.placeOf({ provider, token: '' });
    const place = this.#isStopped ? null : places.placeOf(name, now);
    if (place === null || this.#isLong(place.pausedUntil - now) || !places.familyOf(name).takes(place)) {
      pushingStats.deferred.add();
      return this.#giveBack(job, place?.pausedUntil ?? 0);
    }
    this.#enqueue(place, { job, until: now + options.leaseMs });
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    for (const place of this.#shared.places.all()) this.#clear(place);
    if (this.#atWork === 0) return;
    const done = Promise.withResolvers<void>();
    this.#idle = done.resolve;
    const cancel = this.#shared.clock.after(graceMs, done.resolve);
    await done.promise;
    cancel();
  }

  #enqueue(place: Place, waiting: Waiting): void {
    place.push(waiting);
    const family = this.#shared.places.familyOf(place.name);
    family.queued += 1;
    this.#pump(place, family);
  }

  #pump(place: Place, family: Family): void {
    const now = this.#shared.clock.now();
    while (family.mayBegin(place, now)) {
      const waiting = place.shift()!;
      family.queued -= 1;
      this.#work(this.#deliver(place, family, waiting));
    }
  }

  async #deliver(place: Place, family: Family, waiting: Waiting): Promise<void> {
    const wasProven = place.isProven;
    place.inFlight += 1;
    family.begin(wasProven);
    let next: PushJob | null = null;
    try {
      next = await this.#step(place, waiting);
    } finally {
      place.inFlight -= 1;
      family.end(wasProven);
      // Behind those that wait already: a token with much to say does not keep the others from it.
      if (next !== null) this.offer(next);
      this.#pump(place, family);
      for (const other of family.turns()) this.#pump(other, family);
    }
  }

  /** One push, or none where its lease is about to end: settling then renews it. Answers the token's next job. */
  async #step(place: Place, { job, until }: Waiting): Promise<PushJob | null> {
    const { clock, options } = this.#shared;
    const kind = nextKind(job);
    if (kind === null || clock.now() > until - options.pushMs) return this.#settle({ job, until }, { retryAt: null });
    const answer = await this.#send(job, kind);
    const now = clock.now();
    const isPausedNow = place.answered(answer, now);
    if (isPausedNow) this.#paused(place, answer);
    const judged = judge(job, kind, answer, { now, notBefore: place.pausedUntil, random: this.#shared.random, options });
    this.#count(job, kind, answer, judged.result);
    return this.#settle({ job, until }, outcomeOf(kind, judged));
  }

  async #send(job: PushJob, kind: JobKind): Promise<PushAnswer> {
    const { sender, stats, pushingStats, log, options } = this.#shared;
    const push = pushOf(job, kind, options);
    if (push === null) return { result: 'refused', cause: 'too-large' };
    if (kind === 'messages' && push.provider !== NULL_PROVIDER) stats.activeTokens.add(job.token.tokenId);
    const provider = providerKind(push.provider);
    const began = performance.now();
    let answer: PushAnswer;
    try {
      answer = await sender.send(push);
    } catch (error) {
      // Senders answer; one that throws has a bug, which costs this push a try and nobody else anything.
      log.error('a push failed unexpectedly', { provider, error: error instanceof Error ? error.name : 'unknown' });
      answer = { result: 'retry', afterMs: null, cause: 'nonsense', place: false };
    }
    pushingStats.sendSeconds.of(provider).observe((performance.now() - began) / SECOND);
    pushingStats.answered(provider, answer.result === 'delivered' ? 'delivered' : answer.cause);
    return answer;
  }

  #count(job: PushJob, kind: JobKind, answer: PushAnswer, result: Parameters<typeof countResult>[3]['result']): void {
    const { stats, pushingStats, ownHostOf, clock } = this.#shared;
    const newest = job.messages.at(-1);
    countResult(stats, job, kind, { result, ownHost: newest === undefined ? null : ownHostOf(newest.relay) });
    if (result === 'delivered') pushingStats.delaySeconds.of(providerKind(job.token.device.provider)).observe(Math.max(0, clock.now() - job.dueSince) / SECOND);
    if (result === 'retry') pushingStats.retries.add();
    if (result === 'dropped' && answer.result === 'retry') pushingStats.givenUp.add();
  }

  #paused(place: Place, answer: PushAnswer): void {
    const { pushingStats, log, clock } = this.#shared;
    pushingStats.pauses.add();
    const family = this.#shared.places.familyOf(place.name);
    // A push service of Web Push is a stranger's; its name is in the overview, as long as it is among the busiest.
    const provider = family === this.#shared.places.webPush ? 'webpush' : place.name;
    const level = provider === 'webpush' || place.pauses > 1 ? 'debug' : 'warn';
    log[level]('a push service has trouble and is left alone for a while', { provider, cause: 'cause' in answer ? answer.cause : '', ms: Math.round(place.pausedUntil - clock.now()) });
    if (this.#isLong(place.pausedUntil - clock.now())) this.#clear(place);
    this.#resumeLater(place);
  }

  /** Whether a job should wait in the store for so long, and not here. */
  #isLong(pauseMs: number): boolean {
    const { leaseMs, pushMs } = this.#shared.options;
    return pauseMs > (leaseMs - pushMs) / 2;
  }

  /** Timers may be a little early. */
  #resumeLater(place: Place): void {
    const { clock, places } = this.#shared;
    clock.after(Math.max(1, place.pausedUntil - clock.now()), () => {
      if (clock.now() < place.pausedUntil) this.#resumeLater(place);
      else this.#pump(place, places.familyOf(place.name));
    });
  }

  /** Those that wait for it go back to the store, where they wait without a lease. */
  #clear(place: Place): void {
    const family = this.#shared.places.familyOf(place.name);
    for (let waiting = place.shift(); waiting !== null; waiting = place.shift()) {
      family.queued -= 1;
      this.#shared.pushingStats.deferred.add();
      this.#giveBack(waiting.job, place.pausedUntil);
    }
  }

  #giveBack(job: PushJob, pausedUntil: number): void {
    const { clock, random, options } = this.#shared;
    const now = clock.now();
    const at = this.#isStopped ? now + SOON_MS : Math.max(now, pausedUntil) + DEFER_MS * (1 + random());
    this.#work(this.#settle({ job, until: now + options.leaseMs }, { retryAt: Math.round(at) }).then((next) => {
      if (next !== null) this.offer(next);
    }));
  }

  /** The token's next job where there is one at once. While the store is away it is tried again until the lease ends. */
  async #settle({ job, until }: Waiting, outcome: PushOutcome): Promise<PushJob | null> {
    const { clock, pushingStats } = this.#shared;
    for (let tries = 0; clock.now() < until; tries += 1) {
      const next = await this.#trySettle(job, outcome);
      if (next !== NOT_SETTLED) return next;
      pushingStats.storeFailures.add();
      const waitMs = SETTLE_WAITS_MS[Math.min(tries, SETTLE_WAITS_MS.length - 1)]!;
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    }
    pushingStats.unsettled.add();
    return null;
  }

  async #trySettle(job: PushJob, outcome: PushOutcome): Promise<PushJob | null | typeof NOT_SETTLED> {
    const { store, clock, options } = this.#shared;
    try {
      // A stopped one takes nothing more: what is due comes again a moment later, to whoever lives.
      const now = clock.now();
      const retryAt = this.#isStopped ? Math.max(outcome.retryAt ?? 0, now + SOON_MS) : outcome.retryAt;
      return await store.settle(job, { ...outcome, retryAt }, now, options.leaseMs);
    } catch (error) {
      this.#shared.log.debug('a push could not be settled', { code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' });
      return NOT_SETTLED;
    }
  }

  #work(step: Promise<unknown>): void {
    this.#atWork += 1;
    void step.finally(() => {
      this.#atWork -= 1;
      if (this.#atWork === 0) this.#idle?.();
      this.#roomCame();
    });
  }
}
