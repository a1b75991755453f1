/**
 * A TokenStore in memory, plain and whole: what the suite compares engines with, and a store for tests of what works on
 * one. Steps take effect in the order of the calls; answers come a turn later, and own their memory.
 */
import { type Clock, systemClock } from '@polyplex/base';
import { owned, storeError } from '@polyplex/store-common';
import type { Pushes, RelaySide, Tokens, TokenStore, TokenSubscriptions, TokenTransfer } from '@polyplex/store-contract';
import * as claims from './claim-steps.ts';
import { dueAt, settle, takeDue } from './due.ts';
import { countsOf, emptyState, relayOf, type State, subscriptionKey, tokenOf, tokenWith } from './state.ts';
import * as subscriptions from './subscription-steps.ts';
import * as tokens from './token-steps.ts';
import * as transfer from './transfer-steps.ts';

export interface TokenModel extends TokenStore {
  /** Another node on the same data. */
  peer(): TokenModel;
  /** All that is kept; tests may look, and may break it. */
  readonly state: State;
}

/** What the nodes of one model share. */
interface Shared {
  readonly state: State;
  readonly clock: Clock;
  readonly nodes: Set<ModelNode>;
  made: number;
}

/** By the clock claims run out, and `oldestDue` is told; leases of jobs go by the times that are given. */
export function createTokenModel(clock: Clock = systemClock): TokenModel {
  return nodeOf({ state: emptyState(), clock, nodes: new Set(), made: 0 });
}

class ModelNode {
  readonly shared: Shared;
  readonly number: number;
  readonly mine = new Set<string>();
  readonly newListeners = new Set<(relay: string) => void>();
  readonly dueListeners = new Set<() => void>();
  isClosed = false;

  constructor(shared: Shared) {
    this.shared = shared;
    this.number = ++shared.made;
    shared.nodes.add(this);
  }

  get caller(): claims.Caller {
    return { node: this.number, now: this.shared.clock.now() };
  }

  /** Takes effect at once. */
  async step<T>(work: (state: State) => T): Promise<T> {
    if (this.isClosed) throw storeError('UNAVAILABLE', undefined, 'the store is closed');
    return owned(work(this.shared.state));
  }

  /** A step after which something may be due to nobody. */
  async dueStep<T>(work: (state: State) => T): Promise<T> {
    const answer = await this.step(work);
    for (const node of this.shared.nodes) for (const listener of node.dueListeners) listener();
    return answer;
  }

  tellNew(relay: string): void {
    for (const node of this.shared.nodes) for (const listener of node.newListeners) listener(relay);
  }
}

function nodeOf(shared: Shared): TokenModel {
  const node = new ModelNode(shared);
  return {
    state: shared.state,
    peer: () => nodeOf(shared),
    ...tokenMethods(node),
    ...subscriptionMethods(node),
    ...relayMethods(node),
    ...pushMethods(node),
    ...transferMethods(node),
    counts: () => node.step((state) => countsOf(state, oldestDue(state, shared.clock.now()))),
    check: () => node.step(() => undefined),
    facts: () => ({ engine: 'embedded', shards: [], seconds: new Map(), clockSkewSeconds: null }),
    close: async () => {
      claims.releaseRelays(shared.state, node.caller, node.mine);
      shared.state.nodes.delete(node.number);
      shared.nodes.delete(node);
      node.isClosed = true;
    },
  };
}

function oldestDue(state: State, now: number): number | null {
  const times = [...state.tokens.values()].flatMap((token) => dueAt(token) ?? []).filter((at) => at <= now);
  return times.length === 0 ? null : Math.min(...times);
}

function tokenMethods(node: ModelNode): Tokens {
  return {
    createToken: (token, now) => node.dueStep((state) => tokens.createToken(state, owned(token), now)),
    findToken: (tokenId) => node.step((state) => tokenOf(state, tokenId)?.record ?? null),
    findTokenOf: (device, authKey) => node.step((state) => tokenWith(state, device, authKey)?.record ?? null),
    touchToken: (tokenId, day) => node.step((state) => tokens.touchToken(state, tokenId, day)),
    registerAgain: (tokenId, now) => node.dueStep((state) => tokens.registerAgain(state, tokenId, now)),
    activate: (token, now) => node.dueStep((state) => tokens.activate(state, token, now)),
    replaceDevice: (tokenId, change, now) => node.dueStep((state) => tokens.replaceDevice(state, tokenId, owned(change), now)),
    setCron: (tokenId, minutes, now) => node.step((state) => tokens.setCron(state, tokenId, minutes, now)),
    removeToken: (tokenId) => node.step((state) => tokens.removeToken(state, tokenId)),
  };
}

function subscriptionMethods(node: ModelNode): TokenSubscriptions {
  return {
    async createSubscription(subscription) {
      const { relay } = subscription;
      const answer = await node.step((state) => subscriptions.createSubscription(state, owned(subscription)));
      if (answer.status === 'created') node.tellNew(relay);
      return answer;
    },
    findSubscription: (subscriptionId) => node.step((state) => subscriptions.findSubscription(state, subscriptionId)),
    findSubscriptionOf: (relay, notifierId) => node.step((state) => state.subscriptions.get(subscriptionKey(relay, notifierId)) ?? null),
    removeSubscription: (subscriptionId) => node.step((state) => subscriptions.removeSubscription(state, subscriptionId)),
  };
}

function relayMethods(node: ModelNode): RelaySide {
  return {
    async claimRelays(limit, leaseMs) {
      const claimed = await node.step((state) => claims.claimRelays(state, node.caller, limit, leaseMs));
      for (const { relay } of claimed) node.mine.add(relay);
      return claimed;
    },
    async renewRelays(leaseMs) {
      const lost = await node.step((state) => claims.renewRelays(state, node.caller, leaseMs, node.mine));
      for (const relay of lost) node.mine.delete(relay);
      return lost;
    },
    async releaseRelays(relays) {
      for (const relay of relays) node.mine.delete(relay);
      await node.step((state) => claims.releaseRelays(state, node.caller, relays));
    },
    share: () => node.step((state) => claims.share(state, node.caller)),
    takeNew: (relay, limit) => node.step((state) => subscriptions.takeNew(state, relay, limit)),
    onNew: (listener) => void node.newListeners.add(listener),
    subscriptionsToMake: (relay, after, limit) => node.step((state) => subscriptions.subscriptionsToMake(state, relay, after, limit)),
    changeSubscriptions: (relay, changes) => node.step((state) => subscriptions.changeSubscriptions(state, relay, owned(changes))),
    disconnected: (relay) => node.step((state) => subscriptions.disconnected(state, relay)),
    setRelayService: (relay, serviceId) => node.step((state) => subscriptions.setRelayService(state, relay, owned(serviceId))),
    relay: (relay) => node.step((state) => relayOf(state, relay)),
    relays: () => node.step((state) => [...state.relays.keys()].map((relay) => relayOf(state, relay)!)),
  };
}

function pushMethods(node: ModelNode): Pushes {
  return {
    receive: (relay, notifications, now, leaseMs) =>
      node.dueStep((state) => subscriptions.receive(state, relay, owned(notifications), { now, leaseMs })),
    takeDue: (now, limit, leaseMs) => node.step((state) => takeDue(state, now, limit, leaseMs)),
    settle: (job, outcome, now, leaseMs) => node.step((state) => settle(state, job, { outcome, now, leaseMs })),
    onDue: (listener) => void node.dueListeners.add(listener),
    lastNotifications: (tokenId) => node.step((state) => tokenOf(state, tokenId)?.notifications ?? []),
  };
}

function transferMethods(node: ModelNode): TokenTransfer {
  return {
    wholeTokens: (after, limit) => node.step((state) => transfer.wholeTokens(state, after, limit)),
    async putToken(token) {
      const answer = await node.dueStep((state) => transfer.putToken(state, owned(token)));
      if (answer === 'written') for (const relay of new Set(token.subscriptions.map((each) => each.relay))) node.tellNew(relay);
      return answer;
    },
  };
}
