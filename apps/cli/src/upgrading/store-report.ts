/** What this program would do to one store: pure, so that formats which do not exist yet can be tried. */
import type { ServiceName } from '../settings/servers.ts';

export interface FoundStore {
  readonly server: ServiceName;
  readonly engine: 'embedded' | 'redis';
  /** In words: a folder, or the addresses of Redis. */
  readonly place: string;
  /** Null where nothing was kept yet. */
  readonly format: number | null;
  /** Of the data file; null where it is not in one. */
  readonly bytes: number | null;
  /** Why it cannot be looked at; null for a store that can. */
  readonly failure: string | null;
}

/** `new`: made by the next start. `older`: converted by it. Those of `STOPS` are not opened. */
type StoreState = 'new' | 'current' | 'older' | 'older, shared' | 'newer' | 'unreadable';

export interface StoreReport extends FoundStore {
  readonly state: StoreState;
  /** Whether this program opens it. */
  readonly opens: boolean;
  readonly says: string;
}

const OPENS: readonly StoreState[] = ['new', 'current', 'older'];

/** `newest`: the format that this program writes. */
export function storeReport(found: FoundStore, newest: number): StoreReport {
  const state = stateOf(found, newest);
  return { ...found, state, opens: OPENS.includes(state), says: SAYS[state](found, newest) };
}

function stateOf({ engine, format, failure }: FoundStore, newest: number): StoreState {
  if (failure !== null) return 'unreadable';
  if (format === null) return 'new';
  if (format === newest) return 'current';
  if (format > newest) return 'newer';
  return engine === 'embedded' ? 'older' : 'older, shared';
}

const SAYS: Readonly<Record<StoreState, (found: FoundStore, newest: number) => string>> = {
  new: () => 'nothing is kept there yet; the next start makes it',
  current: ({ format }) => `format ${String(format)}, as this program keeps it: nothing is converted, and a release with this format can be gone back to`,
  older: ({ format }, newest) => `format ${String(format)}: the first start converts it to format ${String(newest)}, and then only the backup from before leads back`,
  'older, shared': ({ format }, newest) => `format ${String(format)}, shared by nodes; this program keeps format ${String(newest)} and does not open it: docs/operations/upgrade.md says how to bring it over`,
  newer: ({ format }, newest) => `format ${String(format)}, of a newer release; this program reads up to format ${String(newest)} and does not open it: run that release, or restore a backup from before it`,
  unreadable: ({ failure }) => failure ?? 'it cannot be looked at',
};

export interface Rolling {
  readonly possible: boolean;
  readonly says: string;
}

/** Whether nodes of the running release and of this one can serve together: they share the data, and what they tell each other has its format. */
export function rollingOf(stores: readonly StoreReport[]): Rolling {
  const shared = stores.filter(({ engine }) => engine === 'redis');
  if (shared.length === 0) return { possible: false, says: 'one process on an embedded store: a restart of some seconds, apps reconnect by themselves' };
  const strange = shared.filter(({ state }) => state !== 'current' && state !== 'new');
  if (strange.length > 0) return { possible: false, says: 'no: nodes of this release do not open the shared data' };
  return { possible: true, says: 'node by node, with no end of service: the running nodes and this program keep the same format, and tell each other in it' };
}
