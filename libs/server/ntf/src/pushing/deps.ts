/** What the pushing side stands on, and what its parts share. */
import type { Clock } from '@polyplex/base';
import type { PushSender } from '@polyplex/push';
import type { Pushes } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { NtfStats } from '../stats.ts';
import type { PushingOptions } from './options.ts';
import type { Random } from './outcome.ts';
import type { Places } from './places.ts';
import type { PushingStats } from './pushing-stats.ts';

export interface PushingDeps {
  readonly store: Pick<Pushes, 'takeDue' | 'settle' | 'onDue'>;
  readonly sender: PushSender;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stats: NtfStats;
  /** The relay's first host where it is of the same operator; default: none is. */
  readonly ownHostOf?: ((relay: string) => string | null) | undefined;
  /** In [0, 1); default Math.random: it spreads load and keeps no secret. */
  readonly random?: Random | undefined;
}

export interface PushingShared extends PushingDeps {
  readonly ownHostOf: (relay: string) => string | null;
  readonly random: Random;
  readonly options: PushingOptions;
  readonly pushingStats: PushingStats;
  readonly places: Places;
}
