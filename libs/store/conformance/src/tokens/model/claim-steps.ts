/** Which node of the model has which relay. */
import type { RelayRecord } from '@polyplex/store-contract';
import { relayOf, type State } from './state.ts';

/** The node that calls, and its time. */
export interface Caller {
  readonly node: number;
  readonly now: number;
}

function withSubscriptions(state: State): RelayRecord[] {
  return [...state.relays.keys()].map((relay) => relayOf(state, relay)!).filter(({ subscriptions }) => subscriptions > 0);
}

export function claimRelays(state: State, { node, now }: Caller, limit: number, leaseMs: number): RelayRecord[] {
  state.nodes.set(node, now + leaseMs);
  const free = withSubscriptions(state).filter(({ relay }) => {
    const claim = state.claims.get(relay);
    return claim === undefined || (claim.node !== node && claim.until <= now);
  }).slice(0, limit);
  for (const { relay } of free) state.claims.set(relay, { node, until: now + leaseMs });
  return free;
}

/** `mine`: what the node takes for its own; those that are no more are answered. */
export function renewRelays(state: State, { node, now }: Caller, leaseMs: number, mine: Iterable<string>): string[] {
  state.nodes.set(node, now + leaseMs);
  const lost: string[] = [];
  for (const relay of mine) {
    const claim = state.claims.get(relay);
    if (claim?.node !== node) lost.push(relay);
    else claim.until = now + leaseMs;
  }
  return lost;
}

export function releaseRelays(state: State, { node }: Caller, relays: Iterable<string>): void {
  for (const relay of relays) if (state.claims.get(relay)?.node === node) state.claims.delete(relay);
}

export function share(state: State, { node, now }: Caller): { nodes: number; claimed: number; relays: number } {
  const others = [...state.nodes].filter(([each, until]) => each !== node && until > now);
  const claimed = [...state.claims.values()].filter(({ until }) => until > now);
  return { nodes: others.length + 1, claimed: claimed.length, relays: withSubscriptions(state).length };
}
