/** What can be seen of a store and its shards. */
import type { StoreOverview } from '@polyplex/admin-api';
import { latency, type Distribution, type Reading } from './reading.ts';
import type { WatchedStore } from './source.ts';
import { orNull } from './within.ts';

function nameOf(store: WatchedStore, shard: string): string {
  return `${store.name}/${shard}`;
}

/** The distributions of a store's steps by shard, under the names by which `storeOverview` looks for them. */
export function stepsOf(stores: readonly WatchedStore[]): [string, Distribution][] {
  return stores.flatMap((store) => [...store.facts().seconds].map(([shard, seconds]): [string, Distribution] => [nameOf(store, shard), seconds]));
}

/** Never rejects: a store that does not answer is seen as that. */
export async function storeOverview(store: WatchedStore, now: Reading, before: Reading): Promise<StoreOverview> {
  const [answered, roomBytes] = await Promise.all([orNull(store.check().then(() => true)), orNull(store.room())]);
  const { engine, shards } = store.facts();
  return {
    name: store.name,
    engine,
    available: answered === true,
    roomBytes,
    shards: shards.map(({ name, connected, roomBytes: own }) => ({
      name,
      connected,
      // A store of one part has its room.
      roomBytes: own ?? (shards.length === 1 ? roomBytes : null),
      p99Seconds: latency(nameOf(store, name), now, before)?.p99 ?? null,
    })),
  };
}
