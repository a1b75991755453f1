/** What a server tells of itself; whatever is common to all servers is found out here and not by them. */
import type { GaugeName, LatencyName, Overview, ServiceName, StoreOverview } from '@polyplex/admin-api';
import type { StoreFacts } from '@polyplex/store-contract';
import type { RecentLine } from '@polyplex/telemetry';
import type { Counters, Distribution } from './reading.ts';

export type Gauges = Readonly<Partial<Record<GaugeName, number | null>>>;
export type Limit = Overview['limits'][number];

/** A store as an overview looks at it; what it asks may take long or reject. */
export interface WatchedStore {
  readonly name: StoreOverview['name'];
  readonly facts: () => StoreFacts;
  readonly room: () => Promise<number | null>;
  readonly check: () => Promise<void>;
}

export interface OverviewSource extends Pick<Overview, 'node' | 'version' | 'address'> {
  readonly service: ServiceName;
  /** Milliseconds of the clock. */
  readonly startedAt: number;
  readonly isDraining: () => boolean;
  /** As `HealthSource` says. */
  readonly notReady: () => Promise<readonly string[]>;
  /** Those of the server; costs nothing, as all that follows. */
  readonly counters: () => Counters;
  readonly gauges: () => Gauges;
  readonly distributions: () => Readonly<Partial<Record<LatencyName, readonly Distribution[]>>>;
  /** What only stores know; may take long or reject. */
  readonly stored: () => Promise<Gauges>;
  readonly stores: readonly WatchedStore[];
  /** All settings that are bounds; with what is used of them where a gauge says it. */
  readonly limits: (gauges: Gauges) => readonly Limit[];
  readonly certificates: () => Overview['certificates'];
  readonly warnings: () => readonly RecentLine[];
}
