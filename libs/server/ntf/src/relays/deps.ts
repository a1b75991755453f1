/** What the side of the relays stands on. */
import type { Clock } from '@polyplex/base';
import type { SmpClient, SmpEventHandler } from '@polyplex/client';
import type { ServerAddress } from '@polyplex/protocol-common';
import type { Pushes, PushJob, RelaySide as RelayStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { NtfStats } from '../stats.ts';

export interface RelayTarget {
  /** As the store names it. */
  readonly relay: string;
  readonly address: ServerAddress;
  /** Whether our service may be announced, where there is one. */
  readonly withService: boolean;
  readonly onEvent: SmpEventHandler;
  readonly signal: AbortSignal;
}

/** Makes one connection; rejects with `SmpClientError`. */
export type ConnectRelay = (target: RelayTarget) => Promise<SmpClient>;

/** Who takes the pushes that notifications led to. */
export interface JobTaker {
  hasRoom(): boolean;
  /** Must not throw. */
  offer(job: PushJob): void;
}

export interface RelaySideDeps {
  readonly store: RelayStore & Pick<Pushes, 'receive'>;
  readonly connect: ConnectRelay;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stats: NtfStats;
  readonly pushing: JobTaker;
  /** In [0, 1); default Math.random: it spreads load and keeps no secret. */
  readonly random?: () => number;
}
