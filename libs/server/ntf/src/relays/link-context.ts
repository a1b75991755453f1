/** What all parts of one relay's link share. */
import { errorText } from '@polyplex/base';
import type { ServerAddress } from '@polyplex/protocol-common';
import type { BulkTurns } from '@polyplex/server-core';
import { StoreError } from '@polyplex/store-contract';
import type { RelaySideDeps } from './deps.ts';
import type { RelaySideOptions } from './options.ts';
import type { Pace } from './pace.ts';
import type { WaitingTotal } from './reading.ts';
import type { RelayStats } from './relay-stats.ts';
import type { Insistence } from './until-stored.ts';

/** Shared by all relays of the node. */
export interface RelaySideContext extends RelaySideDeps {
  readonly options: RelaySideOptions;
  readonly relayStats: RelayStats;
  readonly random: () => number;
  readonly connectPace: Pace;
  readonly subscribePace: Pace;
  /** Signing a chunk takes milliseconds: one in a turn of the event loop. */
  readonly turns: BulkTurns;
  readonly waiting: WaitingTotal;
  /** Whether the relay is still ours, after asking the store. Rejects with `StoreError`. */
  verifyClaim(relay: string): Promise<boolean>;
}

export interface LinkContext extends RelaySideContext {
  /** As the store names it. */
  readonly relay: string;
  readonly address: ServerAddress;
  /** For the operator: the relay's first host. */
  readonly host: string;
  /** The same where the relay is of the same operator; null for others. */
  readonly ownHost: string | null;
  insist(wanted: () => boolean): Insistence;
  /** Some of a list failed: waits a little. */
  storeFailed(): Promise<void>;
  /** By the clock. */
  sleep(ms: number): Promise<void>;
}

export interface LinkPlace {
  readonly relay: string;
  readonly address: ServerAddress;
}

const FAILED_PAUSE_MS = 500;

export function linkContext(side: RelaySideContext, { relay, address }: LinkPlace): LinkContext {
  const host = address.hosts[0]!;
  const { clock, log, random, relayStats } = side;
  const failed = (error: unknown): void => {
    relayStats.storeFailures.add();
    if (error instanceof StoreError) log.warn('the store failed a step of the relays’ side; it is repeated', { error: error.code });
    else log.error('a step of the relays’ side failed; it is repeated', { error: errorText(error) });
  };
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  return {
    ...side,
    relay, address, host, sleep,
    ownHost: isOwn(host, side.options.ownDomains) ? host : null,
    insist: (wanted) => ({ clock, random, failed, wanted }),
    storeFailed: () => {
      relayStats.storeFailures.add();
      return sleep(FAILED_PAUSE_MS);
    },
  };
}

/** First host equals a domain of ours or is below it (NTF §4.1). */
export function isOwn(host: string, ownDomains: readonly string[]): boolean {
  return ownDomains.some((domain) => `.${host.toLowerCase()}`.endsWith(`.${domain.toLowerCase()}`));
}

