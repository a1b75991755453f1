/** What this program would do to one store: pure, so that formats which do not exist yet can be tried. */
import type { ServiceName } from '../settings/servers.ts';

export interface FoundStore {
  readonly server: ServiceName;
  readonly engine: 'embedded' | 'redis';
  /** In words: a folder, or the addresses of Redis. */
  readonly place: string;
  /** Null where nothing was kept yet. */
  readonly format: number | null;
  /** Of what is kept in the store with a format of its own, the directory's records; null where there is none. */
  readonly records: { readonly format: number; readonly newest: number } | null;
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

function stateOf({ engine, format, records, failure }: FoundStore, newest: number): StoreState {
  if (failure !== null) return 'unreadable';
  if (format === null) return 'new';
  const formats = [{ format, newest }, ...(records === null ? [] : [records])];
  if (formats.every((each) => each.format === each.newest)) return 'current';
  if (formats.some((each) => each.format > each.newest)) return 'newer';
  return engine === 'embedded' ? 'older' : 'older, shared';
}

function formatText({ format, records }: FoundStore): string {
  return `format ${String(format)}${records === null ? '' : `, the directory's records ${String(records.format)}`}`;
}

function newestText({ records }: FoundStore, newest: number): string {
  return `format ${String(newest)}${records === null ? '' : `, of the directory's records ${String(records.newest)}`}`;
}

/** What leads back. */
const COPY = 'a copy from before: stop the bot, then copy its folder and bot.keyFile';
const wayBack = ({ server }: FoundStore): string => (server === 'bot' ? COPY : 'the backup from before');

const SAYS: Readonly<Record<StoreState, (found: FoundStore, newest: number) => string>> = {
  new: () => 'nothing is kept there yet; the next start makes it',
  current: (found) => `${formatText(found)}, as this program keeps it: nothing is converted, and a release with this format can be gone back to`,
  older: (found, newest) => `${formatText(found)}: the first start converts it to ${newestText(found, newest)}, and then only ${wayBack(found)} leads back`,
  'older, shared': (found, newest) => `${formatText(found)}, shared by nodes; this program keeps format ${String(newest)} and does not open it: docs/operations/upgrade.md says how to bring it over`,
  newer: (found, newest) => `${formatText(found)}, of a newer release; this program reads up to ${newestText(found, newest)} and does not open it: run that release, or ${found.server === 'bot' ? 'bring back a copy' : 'restore a backup'} from before it`,
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
