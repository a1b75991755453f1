/** Everything that the page knows: a network of relays, of file servers, or both, as one machine or one Redis may have. */
import type { Fleet, History, ServiceName } from '@polyplex/admin-api';
import { createNetwork, type Network } from './network.ts';

export interface Networks {
  /** Of the service that serves the page first; empty before the first answer. */
  readonly known: ReadonlyMap<ServiceName, Network>;
  /** False when only the node that serves the page could be asked. */
  readonly isComplete: boolean;
  /** `now`: milliseconds of the server's clock. */
  tell(fleet: Fleet, now: number): void;
  /** What the node that serves the page remembers, of itself and of others. */
  remember(history: History): void;
  /** Forgets everything. */
  clear(): void;
}

export function createNetworks(): Networks {
  const known = new Map<ServiceName, Network>();
  let isComplete = true;
  return {
    known,
    get isComplete() {
      return isComplete;
    },
    tell({ nodes, complete }, now) {
      isComplete = complete;
      const told = Map.groupBy(nodes, ({ service }) => service);
      for (const service of told.keys()) if (!known.has(service)) known.set(service, createNetwork());
      for (const [service, network] of known) network.tell(told.get(service) ?? [], now, nodes[0]);
    },
    remember(history) {
      const others = Map.groupBy(history.others ?? [], ({ service }) => service);
      [...known].forEach(([service, network], index) => network.remember(index === 0 ? history : null, others.get(service) ?? []));
    },
    clear: () => known.clear(),
  };
}
