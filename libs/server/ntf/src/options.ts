/** Everything about the client side of the push proxy that an operator may choose, with its default. Durations in milliseconds. */
import { HOUR, SECOND } from '@polyplex/base';
import type { ProviderName } from '@polyplex/protocol-ntf';

export interface NtfServerOptions {
  readonly handshakeTimeoutMs: number;
  /** Commands of one connection that may wait for their answers; beyond it the connection is not read (NTF §3.3). */
  readonly commandsInFlight: number;
  /** Whether devices that are not known yet may register. */
  readonly newTokens: boolean;
  /** TNEW and TRPL in a minute, in all and by one client address; 0 for no limit. Each leads to a push, and what is never verified stays. */
  readonly newTokensPerMinute: number;
  readonly newTokensPerMinutePerAddress: number;
  /** SNEW in a minute by one client address; 0 for no limit. */
  readonly newSubscriptionsPerMinutePerAddress: number;
  /** Push services that devices may name; others are answered PROHIBITED. `apns_test` is for tests only (NTF §2.2). */
  readonly providers: readonly ProviderName[];
  /** Hosts that Web Push endpoints may be at, each with all names below it; null for any. */
  readonly pushHosts: readonly string[] | null;
  /** Closing of connections on which nothing happens; `ttlMs` 0 switches it off. */
  readonly inactiveTtlMs: number;
  readonly inactiveCheckMs: number;
  /** How long a drain spreads the closing of connections. */
  readonly drainMs: number;
}

export const DEFAULT_NTF_OPTIONS: NtfServerOptions = {
  handshakeTimeoutMs: 15 * SECOND,
  commandsInFlight: 64,
  newTokens: true,
  newTokensPerMinute: 6000,
  newTokensPerMinutePerAddress: 300,
  newSubscriptionsPerMinutePerAddress: 30_000,
  providers: ['apns_dev', 'apns_prod', 'apns_null', 'webpush'],
  pushHosts: null,
  inactiveTtlMs: 12 * HOUR,
  inactiveCheckMs: HOUR,
  drainMs: 5 * SECOND,
};
