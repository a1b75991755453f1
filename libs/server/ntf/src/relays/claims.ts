/**
 * Which relays this node has: each relay belongs to one live node, and each node has about as many (NTF nodes sharing a
 * store). A claim is renewed well before it ends; a node that dies loses its claims, and the others take them.
 */
import type { RelayRecord, RelaySide as RelayStore } from '@polyplex/store-contract';

export interface ClaimOptions {
  readonly maxRelays: number;
  readonly claimLeaseMs: number;
}

export interface Share {
  readonly nodes: number;
  readonly claimed: number;
  readonly relays: number;
}

export interface ClaimChange {
  readonly gained: readonly RelayRecord[];
  /** Another node's, or nobody's. */
  readonly lost: readonly string[];
  /** To be closed and then released: other nodes have too few. */
  readonly spare: readonly string[];
  readonly share: Share;
}

/** Part of what is too much that goes at once: a relay that changes hands is away for seconds. */
const SPARE_AT_ONCE = 0.5;

/** What the node has now, and which of it had no subscriptions to make for a while: those are given back whatever the share. */
export interface Held {
  readonly relays: ReadonlySet<string>;
  readonly empty: ReadonlySet<string>;
  /** Those of which a renewal said that they are not ours any more: each is said once. Changed as they are claimed again. */
  readonly gone: Set<string>;
}

/**
 * One round, after a renewal. A claim that is lost to nobody (a store that failed over forgets claims) is taken back before anything is closed.
 * Rejects with `StoreError`.
 */
export async function compareClaims(store: RelayStore, { relays: held, empty, gone }: Held, options: ClaimOptions): Promise<ClaimChange> {
  const { maxRelays, claimLeaseMs } = options;
  const share = await store.share();
  const fair = Math.min(maxRelays, Math.ceil(share.relays / Math.max(1, share.nodes)));
  const kept = [...held].filter((relay) => !gone.has(relay) && !empty.has(relay)).length;
  const claimed = fair > kept ? await store.claimRelays(fair - kept, claimLeaseMs) : [];
  for (const { relay } of claimed) gone.delete(relay);
  const busy = [...held].filter((relay) => !gone.has(relay) && !empty.has(relay));
  const spare = [...[...empty].filter((relay) => !gone.has(relay)), ...tooMany(busy, fair, share)];
  return { gained: claimed.filter(({ relay }) => !held.has(relay)), lost: [...held].filter((relay) => gone.has(relay)), spare, share };
}

/** A node alone keeps all: the share may be a moment old, and nobody would take what it gives back. */
function tooMany(busy: readonly string[], fair: number, { nodes }: Share): readonly string[] {
  const excess = busy.length - fair;
  if (excess <= 0 || nodes < 2) return [];
  return busy.slice(-Math.ceil(excess * SPARE_AT_ONCE)); // the newest: they were subscribed last
}
