/**
 * What the other nodes of a network told over the last hour, a minute at a time, so that whoever looks at one node sees the
 * hour of all. A node that has told nothing for an hour is forgotten; of very many, those that were not known yet are left out.
 */
import { type History, LATENCIES, type LatencyName, type Overview, type StoreOverview } from '@polyplex/admin-api';
import { HOUR, MINUTE } from '@polyplex/base';
import { HistoryRing } from './history-ring.ts';

/** Some 30 KiB each. */
const MAX_NODES = 100;

interface Neighbour {
  readonly of: Pick<Overview, 'service' | 'node' | 'startedAt'>;
  readonly ring: HistoryRing;
  /** Milliseconds of this node's clock. */
  heardAt: number;
}

export class Neighbours {
  private readonly known = new Map<string, Neighbour>();

  /** Once a minute; `at`: milliseconds of this node's clock. */
  put(at: number, overviews: readonly Overview[]): void {
    for (const [key, { heardAt }] of this.known) if (at - heardAt > HOUR) this.known.delete(key);
    for (const overview of overviews) {
      const neighbour = this.of(overview);
      if (neighbour === null) continue;
      neighbour.heardAt = at;
      neighbour.ring.put(at, seriesOf(overview));
    }
  }

  read(): NonNullable<History['others']> {
    return [...this.known.values()].map(({ of, ring }) => ({ ...of, ...ring.read() }));
  }

  private of({ service, node, startedAt }: Overview): Neighbour | null {
    const key = `${service} ${node} ${startedAt}`;
    const known = this.known.get(key);
    if (known !== undefined || this.known.size >= MAX_NODES) return known ?? null;
    const neighbour = { of: { service, node, startedAt }, ring: new HistoryRing(MINUTE), heardAt: 0 };
    this.known.set(key, neighbour);
    return neighbour;
  }
}

interface Numbers extends Pick<Overview, 'rates' | 'gauges' | 'latencies'> {
  readonly stores: readonly Pick<StoreOverview, 'name' | 'roomBytes'>[];
}

/** The numbers of an overview by the names of a history. */
export function seriesOf({ rates, gauges, latencies, stores }: Numbers): Readonly<Record<string, number | null>> {
  const quantiles = (Object.keys(LATENCIES) as LatencyName[]).flatMap((name) => {
    const { p50, p99 } = latencies[name] ?? {};
    return p50 === undefined || p99 === undefined ? [] : [[`${name}.p50`, p50], [`${name}.p99`, p99]] as const;
  });
  const rooms = stores.map(({ name, roomBytes }) => [`room.${name}`, roomBytes] as const);
  return { ...rates, ...gauges, ...Object.fromEntries([...quantiles, ...rooms]) };
}
