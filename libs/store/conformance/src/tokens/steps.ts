/**
 * The random steps: each is a call of the store and the same change of the model. Tokens, devices, keys, relays, queues and
 * jobs are chosen from a few, gone ones included.
 */
import type {
  NewSubscription, NewToken, PushJob, PushResult, ReceivedNotification, SubscriptionStatus, TokenRecord, TokenStore,
} from '@polyplex/store-contract';
import { anyId, bytes } from '../builders.ts';
import { anyAuthKey, anyDevice, anyNotification, anyRelay, anySubscription, anyToken, DAY_SECONDS, dayOf, LEASE_MS, sorted } from './builders.ts';
import { type Candidate, leaseName, modelName, revisionName } from './candidate.ts';
import { settle } from './model/due.ts';
import { tokenOf, tokenWith, type State } from './model/state.ts';
import * as subscriptions from './model/subscription-steps.ts';
import * as tokens from './model/token-steps.ts';

/** What chooses the arguments of a step. */
export interface Input {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface Step {
  readonly call: (store: TokenStore) => Promise<unknown>;
  readonly apply: (candidate: Candidate) => unknown;
}

const CHOICE = 5;
const STATUSES: readonly SubscriptionStatus[] = ['PENDING', 'ACTIVE', 'ACTIVE', 'INACTIVE', 'END', 'DELETED', 'AUTH', 'SERVICE', 'ERR no', 'NEW'];
const RESULTS: readonly (PushResult | undefined)[] = ['delivered', 'delivered', 'retry', 'dropped', undefined, 'INVALID,BAD', 'INVALID,UNREGISTERED'];
const INTERVALS = [0, 20, 30] as const;

/** What the steps of one run have named so far. */
export class Names {
  /** Unix milliseconds; grows from turn to turn. */
  now: number;
  readonly tokens: NewToken[] = [];
  readonly devices = [anyDevice(), anyDevice(), anyDevice({ provider: 'webpush https://push.example' })];
  readonly keys = [anyAuthKey(), anyAuthKey('ed448'), anyAuthKey('x25519')];
  readonly relays = [anyRelay(), anyRelay()];
  readonly notifierIds = Array.from({ length: 9 }, anyId);
  readonly subscriptions: NewSubscription[] = [];
  readonly received: ReceivedNotification[] = [];
  /** What the store answered. */
  readonly records: TokenRecord[] = [];
  readonly jobs: PushJob[] = [];

  constructor(now: number) {
    this.now = now;
  }

  /** Remembers tokens and jobs in an answer. */
  learn(answer: unknown): void {
    if (typeof answer !== 'object' || answer === null || answer instanceof Uint8Array) return;
    if ('lease' in answer) this.jobs.push(answer as PushJob);
    if ('revision' in answer) this.records.push(answer as unknown as TokenRecord);
    for (const part of Object.values(answer) as unknown[]) this.learn(part);
  }

  private static last<T>(of: readonly T[], a: number, choice = CHOICE): T | undefined {
    return of.length === 0 ? undefined : of[of.length - 1 - (a % Math.min(choice, of.length))];
  }

  token(a: number): NewToken {
    return Names.last(this.tokens, a) ?? this.newToken(a, a);
  }

  /** Ids are never used again: what stores call revisions and leases holds for one token. */
  newToken(a: number, b: number): NewToken {
    const token = anyToken({ device: this.devices[a % 3]!, authKey: this.keys[b % 3]! });
    this.tokens.push(token);
    return token;
  }

  record(a: number): TokenRecord | undefined {
    return Names.last(this.records, a, 8);
  }

  job(a: number): PushJob | undefined {
    return Names.last(this.jobs, a % 3 === 0 ? 0 : a);
  }

  newSubscription({ a, b, c }: Input): NewSubscription {
    const [first] = this.subscriptions;
    const id = c === 0 && first !== undefined ? { subscriptionId: first.subscriptionId } : {};
    const made = anySubscription(this.token(a), { relay: this.relays[b % 2]!, notifierId: this.notifierIds[(a + b) % 9]!, ...id });
    this.subscriptions.push(made);
    return made;
  }

  subscription(a: number): NewSubscription {
    return Names.last(this.subscriptions, a) ?? this.newSubscription({ a, b: a, c: 1 });
  }
}

type Make = (names: Names, input: Input) => Step;

/** A step whose model needs nothing but the state. */
const step = (call: Step['call'], apply: (state: State) => unknown): Step => ({ call, apply: ({ state }) => apply(state) });

const tokenSteps: Readonly<Record<string, Make>> = {
  createToken: (names, { a, b }) => {
    const [token, now] = [names.newToken(a, b), names.now];
    return step((store) => store.createToken(token, now), (state) => tokens.createToken(state, token, now));
  },
  findToken: (names, { a }) => {
    const { tokenId } = names.token(a);
    return step((store) => store.findToken(tokenId), (state) => tokenOf(state, tokenId)?.record);
  },
  findTokenOf: (names, { a, b }) => {
    const [device, key] = [names.devices[a % 3]!, names.keys[b % 3]!];
    return step((store) => store.findTokenOf(device, key), (state) => tokenWith(state, device, key)?.record);
  },
  touchToken: (names, { a, b }) => {
    const [{ tokenId }, day] = [names.token(a), dayOf(names.now) + (b % 2) * DAY_SECONDS];
    return step((store) => store.touchToken(tokenId, day), (state) => tokens.touchToken(state, tokenId, day));
  },
  registerAgain: (names, { a }) => {
    const [{ tokenId }, now] = [names.token(a), names.now];
    return step((store) => store.registerAgain(tokenId, now), (state) => tokens.registerAgain(state, tokenId, now));
  },
  activate: (names, input) => {
    const [record, now] = [names.record(input.a), names.now];
    if (record === undefined) return tokenSteps['findToken']!(names, input);
    return {
      call: (store) => store.activate(record, now),
      apply: (candidate) => {
        const known = tokenOf(candidate.state, record.tokenId);
        const isCurrent = known !== null && modelName(candidate, revisionName(record)) === revisionName(known.record);
        return isCurrent ? tokens.activate(candidate.state, known.record, now) : 'stale';
      },
    };
  },
  replaceDevice: (names, { a, b }) => {
    const [{ tokenId }, change, now] = [names.token(a), { device: names.devices[b % 3]!, code: bytes(32) }, names.now];
    return step((store) => store.replaceDevice(tokenId, change, now), (state) => tokens.replaceDevice(state, tokenId, change, now));
  },
  setCron: (names, { a, b }) => {
    const [{ tokenId }, minutes, now] = [names.token(a), INTERVALS[b % 3]!, names.now];
    return step((store) => store.setCron(tokenId, minutes, now), (state) => tokens.setCron(state, tokenId, minutes, now));
  },
  removeToken: (names, { a }) => {
    const { tokenId } = names.token(a);
    return step((store) => store.removeToken(tokenId), (state) => tokens.removeToken(state, tokenId));
  },
};

const subscriptionSteps: Readonly<Record<string, Make>> = {
  createSubscription: (names, input) => {
    const given = names.newSubscription(input);
    return step((store) => store.createSubscription(given), (state) => subscriptions.createSubscription(state, given));
  },
  findSubscription: (names, { a }) => {
    const { subscriptionId } = names.subscription(a);
    return step((store) => store.findSubscription(subscriptionId), (state) => subscriptions.findSubscription(state, subscriptionId));
  },
  removeSubscription: (names, { a }) => {
    const { subscriptionId } = names.subscription(a);
    return step((store) => store.removeSubscription(subscriptionId), (state) => subscriptions.removeSubscription(state, subscriptionId));
  },
  change: (names, { a, b, c }) => {
    const { relay, notifierId } = names.subscription(a);
    const changes = [{ notifierId, status: STATUSES[b % STATUSES.length]!, ...(c > 5 ? { inService: c === 6 } : {}) }];
    return step((store) => store.changeSubscriptions(relay, changes), (state) => subscriptions.changeSubscriptions(state, relay, changes));
  },
  receive: (names, { a, c }) => {
    const { relay, notifierId } = names.subscription(a);
    const repeated = c === 0 ? names.received.at(-1) : undefined;
    const notification = repeated ?? anyNotification({ notifierId }, names.now);
    names.received.push(notification);
    const options = { now: names.now, leaseMs: c === 1 ? null : LEASE_MS };
    return step(
      (store) => store.receive(relay, [notification], options.now, options.leaseMs),
      (state) => subscriptions.receive(state, relay, [notification], options),
    );
  },
  settle: (names, input) => {
    const [job, now] = [names.job(input.a), names.now];
    if (job === undefined) return tokenSteps['findToken']!(names, input);
    const results = { verification: RESULTS[input.b % 7], messages: RESULTS[input.c % 7], check: RESULTS[(input.b + input.c) % 4] };
    const given = Object.fromEntries(Object.entries(results).filter(([, result]) => result !== undefined));
    const outcome = { ...given, retryAt: input.a % 2 === 0 ? now + 5000 : null };
    return {
      call: (store) => store.settle(job, outcome, now, LEASE_MS),
      apply: (candidate) => {
        const lease = modelName(candidate, leaseName(job.lease)).slice(leaseName('').length);
        return settle(candidate.state, { token: job.token, lease }, { outcome, now, leaseMs: LEASE_MS });
      },
    };
  },
  lastNotifications: (names, { a }) => {
    const { tokenId } = names.token(a);
    return step((store) => store.lastNotifications(tokenId), (state) => tokenOf(state, tokenId)?.notifications ?? []);
  },
};

/** May go together with others. */
export const STEPS: Readonly<Record<string, Make>> = { ...tokenSteps, ...subscriptionSteps };

/** Go alone: they are about many records, which an engine may have in many places. */
export const LONE_STEPS: Readonly<Record<string, Make>> = {
  takeNew: (names, { a }) => {
    const relay = names.relays[a % 2]!;
    return step(async (store) => sorted(await store.takeNew(relay, 1000)), (state) => sorted(subscriptions.takeNew(state, relay, 1000)));
  },
  disconnected: (names, { a }) => {
    const relay = names.relays[a % 2]!;
    return step((store) => store.disconnected(relay), (state) => subscriptions.disconnected(state, relay));
  },
  setRelayService: (names, { a, b }) => {
    const [relay, serviceId] = [names.relays[a % 2]!, b % 3 > 0 ? null : bytes(24)];
    return step((store) => store.setRelayService(relay, serviceId), (state) => subscriptions.setRelayService(state, relay, serviceId));
  },
};
