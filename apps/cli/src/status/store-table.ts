/** Stores and their shards as all nodes of a server see them. */
import type { Overview, ShardOverview, StoreOverview } from '@polyplex/admin-api';
import { bytes, seconds } from './in-words.ts';
import { type Cell, type Page, table } from './table.ts';

interface Seen {
  readonly store: StoreOverview;
  readonly shard: ShardOverview;
}

/** What nodes keep on their own disks is not one store. */
function keyOf({ node }: Overview, { name, engine }: StoreOverview, shard: ShardOverview): string {
  return `${name} ${engine === 'embedded' ? node : ''} ${shard.name}`;
}

export function storeTable(nodes: readonly Overview[], page: Page): string[] {
  const seen = new Map<string, Seen[]>();
  for (const node of nodes) {
    for (const store of node.stores) {
      for (const shard of store.shards) {
        const key = keyOf(node, store, shard);
        seen.set(key, [...(seen.get(key) ?? []), { store, shard }]);
      }
    }
  }
  if (seen.size === 0) return [];
  const columns = [{ title: 'STORE' }, { title: 'SHARD' }, { title: 'STATE' }, { title: 'ROOM LEFT', align: 'right' }, { title: 'p99', align: 'right' }] as const;
  return table(columns, [...seen.values()].map((each) => rowOf(each)), page);
}

/** The worst of what they see. */
function rowOf(all: readonly Seen[]): Cell[] {
  const { store: { name, engine }, shard } = all[0]!;
  const lost = all.filter((each) => !each.shard.connected || !each.store.available).length;
  const rooms = all.flatMap((each) => each.shard.roomBytes ?? []);
  const slowest = all.flatMap((each) => each.shard.p99Seconds ?? []);
  const isWell = lost === 0;
  return [
    { text: engine === 'embedded' ? name : `${name} (${engine})` },
    { text: shard.name },
    { text: isWell ? 'answers' : all.length === 1 ? 'does not answer' : `not for ${String(lost)} of ${String(all.length)} nodes`, tone: isWell ? 'good' : 'bad' },
    { text: bytes(rooms.length === 0 ? null : Math.min(...rooms)) },
    { text: seconds(slowest.length === 0 ? null : Math.max(...slowest)) },
  ];
}
