/** What is shown at a time: one node, or all of a service; and how the page's address says which. */
import type { ServiceName } from '@polyplex/admin-api';
import type { KnownNode } from '../model/network.ts';
import type { StorePlace } from '../model/places.ts';
import type { Attention } from '../model/attention.ts';
import type { Sample } from '../model/sample.ts';
import type { Link } from '../watch.ts';

export interface Shown {
  readonly link: Link;
  readonly service: ServiceName;
  /** All of that service, the one that serves the page first. */
  readonly all: readonly KnownNode[];
  /** All of all services. */
  readonly services: ReadonlyMap<ServiceName, readonly KnownNode[]>;
  /** False when the nodes but one could not be asked. */
  readonly isComplete: boolean;
  /** Those that are looked at: one, or all. */
  readonly nodes: readonly KnownNode[];
  readonly isWhole: boolean;
  readonly samples: readonly Sample[];
  readonly places: readonly StorePlace[];
  readonly attention: readonly Attention[];
  /** Milliseconds of the server's clock. */
  readonly now: number;
}

export const SERVICE_NAMES: Readonly<Record<ServiceName, string>> = { smp: 'SMP relay', xftp: 'XFTP file server', ntf: 'NTF push proxy', bot: 'Directory bot' };

/** `#smp` is all relays, `#smp/NAME` one of them; nothing is all of the service that serves the page. */
export function addressOf(service: ServiceName, key: string | null = null): string {
  return key === null ? `#${service}` : `#${service}/${encodeURIComponent(key)}`;
}

export interface Chosen {
  readonly service: ServiceName;
  readonly all: readonly KnownNode[];
  /** null for all. */
  readonly node: KnownNode | null;
}

/** What an address chooses of what there is; a single node is chosen anyway. */
export function chosenBy(address: string, services: ReadonlyMap<ServiceName, readonly KnownNode[]>): Chosen {
  const [first] = services.keys();
  const service = [...services.keys()].find((each) => address === addressOf(each) || address.startsWith(`${addressOf(each)}/`)) ?? first ?? 'smp';
  const all = services.get(service) ?? [];
  const named = all.find(({ key }) => addressOf(service, key) === address);
  return { service, all, node: named ?? (all.length === 1 ? all[0]! : null) };
}
