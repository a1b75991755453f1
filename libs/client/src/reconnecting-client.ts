/**
 * A client that comes back: it reconnects with growing, spread waits and restores every subscription in batches
 * (SMP §10.8, §10.10). It alone decides what is subscribed: END means that another connection took over, and is not
 * fought over; DELD and `ERR AUTH` mean that the queue is gone.
 *
 *   waiting ──dial──▶ connecting ──▶ connected ──lost──▶ waiting        close() ends it from anywhere
 */
import { type Clock, copyBytes, idKey, type IdKey, SECOND, systemClock } from '@polyplex/base';
import type { SmpCommand, SmpError, SmpReply } from '@polyplex/protocol-smp';
import { type BackoffOptions, backoffMs, DEFAULT_BACKOFF } from './backoff.ts';
import { SmpClientError } from './client-error.ts';
import type { RequestOptions } from './requester.ts';
import type { SmpClient, SmpEventHandler } from './smp-client.ts';
import { subscribeAll, type SubscribeOutcome, type Subscription } from './subscribe.ts';

export type SubscriptionState =
  | { readonly state: 'subscribed' }
  /** Another connection subscribed; not tried again. */
  | { readonly state: 'ended' }
  /** The queue or its notifier was deleted, or the key is not valid any more; not tried again. */
  | { readonly state: 'gone' }
  /** The relay refused for another reason; tried again after the next reconnect, and before where its store was in trouble. */
  | { readonly state: 'refused'; readonly error: SmpError }
  /** The relay's answer is not one that we know (a newer relay's error, say); tried again after the next reconnect. */
  | { readonly state: 'unclear'; readonly error: SmpClientError };

export interface ReconnectingOptions {
  /** Makes one connection and hands its events to `onEvent`; normally `connectSmp` with the rest of its options filled in. */
  readonly connect: (onEvent: SmpEventHandler, signal: AbortSignal) => Promise<SmpClient>;
  /** Messages, notifications and late answers; as `SmpEventHandler`. */
  readonly onEvent: SmpEventHandler;
  /** The id is the caller's to keep. */
  readonly onSubscription?: (entityId: Uint8Array, state: SubscriptionState) => void;
  /** A connection stands and its subscriptions are restored, or it was lost. */
  readonly onConnection?: (connected: boolean) => void;
  readonly backoff?: Partial<BackoffOptions>;
  readonly clock?: Clock;
  /** In [0, 1); default Math.random: it spreads load and keeps no secret. */
  readonly random?: () => number;
}

export interface ReconnectingClient {
  /** The session of now; null while there is none. */
  readonly current: SmpClient | null;
  /** The next session with all subscriptions restored; rejects with `CLOSED` after `close`. */
  ready(): Promise<SmpClient>;
  /** As `SmpClient.request`, on the session of now; rejects with `NETWORK` while there is none. */
  request(command: SmpCommand, options?: RequestOptions): Promise<SmpReply>;
  /** Subscribes now or as soon as connected, and again after every reconnect. */
  subscribe(subscriptions: readonly Subscription[]): void;
  /** Does not restore it any more; the relay is not told (there is no such command). */
  forget(entityId: Uint8Array): void;
  readonly subscriptionCount: number;
  close(): void;
}

export function createReconnectingClient(options: ReconnectingOptions): ReconnectingClient {
  return new Reconnecting(options);
}

/** A connection that lasted this long was a good one: the next wait is short again. */
const STABLE_AFTER_MS = 10 * SECOND;

class Reconnecting implements ReconnectingClient {
  current: SmpClient | null = null;
  private readonly options: ReconnectingOptions;
  private readonly backoff: BackoffOptions;
  private readonly clock: Clock;
  private readonly subscriptions = new Map<IdKey, Subscription>();
  private readonly aborter = new AbortController();
  private waiters: PromiseWithResolvers<SmpClient>[] = [];
  private attempt = 0;
  private cancelWait: (() => void) | null = null;
  /** Some subscription was answered on this connection. */
  private answers = false;
  /** Tried again on this connection, after a wait. */
  private readonly again = new Set<Subscription>();
  private cancelAgain: (() => void) | null = null;
  private restored = false;

  constructor(options: ReconnectingOptions) {
    this.options = options;
    this.backoff = { ...DEFAULT_BACKOFF, ...options.backoff };
    this.clock = options.clock ?? systemClock;
    void this.connect();
  }

  get subscriptionCount(): number {
    return this.subscriptions.size;
  }

  ready(): Promise<SmpClient> {
    if (this.aborter.signal.aborted) return Promise.reject(closedError());
    if (this.current !== null && this.restored) return Promise.resolve(this.current);
    const waiter = Promise.withResolvers<SmpClient>();
    this.waiters.push(waiter);
    return waiter.promise;
  }

  request(command: SmpCommand, options?: RequestOptions): Promise<SmpReply> {
    if (this.current !== null) return this.current.request(command, options);
    return Promise.reject(this.aborter.signal.aborted ? closedError() : new SmpClientError('NETWORK', 'not connected'));
  }

  subscribe(subscriptions: readonly Subscription[]): void {
    const added = subscriptions.map((subscription) => ({ ...subscription, entityId: copyBytes(subscription.entityId) }));
    for (const subscription of added) this.subscriptions.set(idKey(subscription.entityId), subscription);
    // While the session is being restored the loop there finds them.
    if (this.current !== null && this.restored) void this.restore(this.current, added);
  }

  forget(entityId: Uint8Array): void {
    this.subscriptions.delete(idKey(entityId));
  }

  close(): void {
    if (this.aborter.signal.aborted) return;
    this.aborter.abort();
    this.cancelWait?.();
    this.forgetAgain();
    this.current?.close();
    for (const waiter of this.waiters.splice(0)) waiter.reject(closedError());
  }

  private async connect(): Promise<void> {
    const { signal } = this.aborter;
    let client: SmpClient;
    try {
      client = await this.options.connect((entityId, reply, late) => this.event(entityId, reply, late), signal);
    } catch (error) {
      if (!(error instanceof SmpClientError)) throw error;
      this.retry();
      return;
    }
    if (signal.aborted) {
      client.close();
      return;
    }
    const since = this.clock.now();
    this.current = client;
    void client.closed.then(() => this.lost(since));
    await this.restoreAll(client);
  }

  private async restoreAll(client: SmpClient): Promise<void> {
    const done = new Set<Subscription>();
    for (;;) {
      const missing = [...this.subscriptions.values()].filter((subscription) => !done.has(subscription));
      if (missing.length === 0) break;
      for (const subscription of missing) done.add(subscription);
      if (!(await this.restore(client, missing))) return;
    }
    this.restored = true;
    this.options.onConnection?.(true);
    for (const waiter of this.waiters.splice(0)) waiter.resolve(client);
  }

  /** False when the session is not to be used any more. */
  private async restore(client: SmpClient, subscriptions: readonly Subscription[]): Promise<boolean> {
    const outcomes = await subscribeAll(client, subscriptions);
    if (this.current !== client) return false;
    outcomes.forEach((outcome, i) => this.settle(subscriptions[i]!, outcome));
    this.answers ||= outcomes.some(isAnswered);
    if (!this.answers && outcomes.length > 0) {
      client.close();
      return false;
    }
    // A relay may be without a part of its store, and leave what needs that unanswered. One that hangs is found by its PINGs.
    this.tryAgain(client, subscriptions.filter((_, i) => !isAnswered(outcomes[i]!) || isTrouble(outcomes[i]!)));
    return true;
  }

  private tryAgain(client: SmpClient, subscriptions: readonly Subscription[]): void {
    for (const subscription of subscriptions) this.again.add(subscription);
    if (this.again.size === 0) return;
    const { random = Math.random } = this.options;
    const { maxMs } = this.backoff;
    this.cancelAgain ??= this.clock.after(backoffMs({ ...this.backoff, initialMs: maxMs }, 0, random()), () => {
      const wanted = [...this.again].filter((subscription) => this.subscriptions.get(idKey(subscription.entityId)) === subscription);
      this.forgetAgain();
      if (this.current === client && wanted.length > 0) void this.restore(client, wanted);
    });
  }

  private forgetAgain(): void {
    this.cancelAgain?.();
    this.cancelAgain = null;
    this.again.clear();
  }

  private settle(subscription: Subscription, outcome: SubscribeOutcome): void {
    const { entityId } = subscription;
    if (!isAnswered(outcome) || this.subscriptions.get(idKey(entityId)) !== subscription) return;
    if (outcome.result === 'subscribed') {
      this.options.onSubscription?.(entityId, { state: 'subscribed' });
      if (outcome.message !== null) this.options.onEvent(entityId, outcome.message, false);
    } else if (outcome.result === 'failed') this.options.onSubscription?.(entityId, { state: 'unclear', error: outcome.error });
    else if (outcome.error.type === 'AUTH') this.drop(entityId, { state: 'gone' });
    else this.options.onSubscription?.(entityId, { state: 'refused', error: outcome.error });
  }

  private event(entityId: Uint8Array, reply: SmpReply, late: boolean): void {
    if (reply.tag === 'END') this.drop(entityId, { state: 'ended' });
    else if (reply.tag === 'DELD') this.drop(entityId, { state: 'gone' });
    else this.options.onEvent(entityId, reply, late);
  }

  private drop(entityId: Uint8Array, state: SubscriptionState): void {
    if (this.subscriptions.delete(idKey(entityId))) this.options.onSubscription?.(copyBytes(entityId), state);
  }

  private lost(since: number): void {
    const wasRestored = this.restored;
    this.current = null;
    this.restored = false;
    this.answers = false;
    this.forgetAgain();
    if (wasRestored) this.options.onConnection?.(false);
    if (this.clock.now() - since >= STABLE_AFTER_MS) this.attempt = 0;
    this.retry();
  }

  private retry(): void {
    if (this.aborter.signal.aborted) return;
    const { random = Math.random } = this.options;
    this.cancelWait = this.clock.after(backoffMs(this.backoff, this.attempt++, random()), () => void this.connect());
  }
}

/** An answer that cannot be read is one: to begin again would bring the same (SMP §5.7). */
function isAnswered(outcome: SubscribeOutcome): boolean {
  return outcome.result !== 'failed' || outcome.error.code === 'RESPONSE' || outcome.error.code === 'UNEXPECTED';
}

function isTrouble(outcome: SubscribeOutcome): boolean {
  return outcome.result === 'refused' && outcome.error.type === 'STORE';
}

function closedError(): SmpClientError {
  return new SmpClientError('CLOSED', 'the client was closed');
}
