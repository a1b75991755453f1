/**
 * Any number of subscriptions at one relay that take no memory: each is made of its number when it is asked for. Nothing
 * is kept of them but counts, so that what is measured is the relays' side and not a store.
 */
import type { RelaySideDeps } from '../../../src/relays/deps.ts';
import type { RelayRecord, SubscriptionRecord, SubscriptionStatus } from '@polyplex/store-contract';

export interface SyntheticStore {
  readonly store: RelaySideDeps['store'];
  /** Changes to a status. */
  readonly written: Map<SubscriptionStatus, number>;
  /** The largest page that was asked for. */
  largestPage: number;
  /** NEW ones at a relay, for its next `takeNew`. */
  readonly fresh: Map<string, SubscriptionRecord[]>;
  received: number;
  /** All relays are free again, for another side. */
  reset(): void;
}

export interface SyntheticRelay {
  readonly relay: string;
  readonly count: number;
  readonly notifierKey: Uint8Array;
  /** As they are before. */
  readonly status?: SubscriptionStatus;
}

const ID_BYTES = 24;

/** The id of the subscription with a number. */
export function syntheticId(number: number): Uint8Array {
  const id = new Uint8Array(ID_BYTES);
  new DataView(id.buffer).setUint32(0, number);
  return id;
}

export function syntheticRecord({ relay, notifierKey, status = 'PENDING' }: SyntheticRelay, number: number): SubscriptionRecord {
  return { subscriptionId: syntheticId(number), tokenId: syntheticId(0), relay, notifierId: syntheticId(number), notifierKey, status, inService: false };
}

export function syntheticStore(relays: readonly SyntheticRelay[]): SyntheticStore {
  const byText = new Map(relays.map((each) => [each.relay, each]));
  const recordOf = ({ relay, count }: SyntheticRelay): RelayRecord => ({ relay, serviceId: null, subscriptions: count, inService: 0 });
  let free = [...relays];
  const synthetic: SyntheticStore = { written: new Map(), largestPage: 0, fresh: new Map(), received: 0, reset: () => void (free = [...relays]), store: {
    claimRelays: async (limit) => free.splice(0, limit).map(recordOf),
    renewRelays: async () => [],
    releaseRelays: async () => undefined,
    share: async () => ({ nodes: 1, claimed: relays.length, relays: relays.length }),
    takeNew: async (relay, limit) => synthetic.fresh.get(relay)?.splice(0, limit) ?? [],
    onNew: () => undefined,
    async subscriptionsToMake(relay, after, limit) {
      synthetic.largestPage = Math.max(synthetic.largestPage, limit);
      const all = byText.get(relay)!;
      const from = after === null ? 0 : Number(after);
      const to = Math.min(all.count, from + limit);
      const subscriptions = Array.from({ length: to - from }, (_, i) => syntheticRecord(all, from + i));
      return { subscriptions, next: to < all.count ? String(to) : null };
    },
    async changeSubscriptions(_relay, changes) {
      for (const { status } of changes) synthetic.written.set(status, (synthetic.written.get(status) ?? 0) + 1);
      return changes.length;
    },
    disconnected: async () => undefined,
    setRelayService: async () => undefined,
    relay: async (relay) => recordOf(byText.get(relay)!),
    relays: async () => relays.map(recordOf),
    async receive(_relay, notifications) {
      synthetic.received += notifications.length;
      return notifications.map(() => 'waiting' as const);
    },
  } };
  return synthetic;
}
