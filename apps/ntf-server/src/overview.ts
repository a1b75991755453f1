/** What a push proxy tells of itself (NTF §6.3, §6.4): numbers that it keeps in any case, and the bounds that hold. */
import { SECOND } from '@polyplex/base';
import { commonCounters, type Counters, type Gauges, type Limit, limitRow, type NodeTold } from '@polyplex/node';
import { NULL_PROVIDER, type NtfServer, type NtfStats, type Pushing, type RelaySide } from '@polyplex/server-ntf';
import type { TokenStore } from '@polyplex/store-contract';
import type { Histogram, HistogramFamily } from '@polyplex/telemetry';
import type { TlsListener } from '@polyplex/transport-tls';
import type { NtfConfig } from './config/ntf-config.ts';

export interface OverviewParts {
  readonly config: NtfConfig;
  readonly server: NtfServer;
  readonly stats: NtfStats;
  readonly relays: RelaySide;
  readonly pushing: Pushing;
  readonly store: TokenStore;
  readonly listener: TlsListener;
}

export function pushProxyOverview(parts: OverviewParts): NodeTold {
  const { stats, listener, pushing, store } = parts;
  return {
    counters: () => ({ ...commonCounters({ stats }, listener), ...counters(stats) }),
    gauges: () => gauges(parts),
    stored: () => stored(store),
    distributions: () => ({
      command: [...stats.commandSeconds.values.values()],
      announce: ofServices(pushing.stats.delaySeconds),
      push: ofServices(pushing.stats.sendSeconds),
      store: [...store.facts().seconds.values()],
    }),
    stores: [{ name: 'tokens', facts: () => store.facts(), room: () => Promise.resolve(null), check: () => store.check() }],
    limits: (used) => limits(parts, used),
  };
}

/** Without the provider that nothing is pushed to. */
function ofServices({ values }: HistogramFamily): Histogram[] {
  return [...values].filter(([provider]) => provider !== NULL_PROVIDER).map(([, histogram]) => histogram);
}

function counters(stats: NtfStats): Counters {
  return {
    tokensCreated: stats.tokensCreated.value,
    tokensVerified: stats.tokensVerified.value,
    tokensDeleted: stats.tokensDeleted.value,
    subscriptionsCreated: stats.subscriptionsCreated.value,
    notificationsReceived: stats.received.value,
    notificationsUnwanted: stats.receivedAuth.value,
    pushesDelivered: stats.delivered.value,
    pushesFailed: stats.failed.value,
    verificationsDelivered: stats.verificationsDelivered.value,
    verificationsFailed: stats.verificationsFailed.value,
    checksDelivered: stats.checksDelivered.value,
    checksFailed: stats.checksFailed.value,
  };
}

function gauges({ server, relays, pushing, listener }: OverviewParts): Gauges {
  const { connections, sessions } = server.gauges();
  const views = relays.gauges().relays;
  const { queued, inFlight } = pushing.gauges();
  return {
    connections, sessions, handshakes: listener.sockets.handshakes,
    relaysClaimed: views.length,
    relaysConnected: views.filter(({ connectedAt }) => connectedAt !== null).length,
    relaysSuspect: views.filter(({ troubles }) => troubles.length > 0).length,
    pushesQueued: queued,
    pushesInFlight: inFlight,
  };
}

async function stored(store: TokenStore): Promise<Gauges> {
  const { tokens, tokensByStatus, subscriptions, due, oldestDue } = await store.counts();
  return {
    tokens,
    activeTokens: tokensByStatus.ACTIVE ?? 0,
    watchedQueues: subscriptions,
    pushesDue: due,
    oldestDueSeconds: oldestDue === null ? 0 : Math.max(0, Date.now() - oldestDue) / SECOND,
  };
}

/** Those by address or connection are bounds on one client, so that nothing can be said of their use. */
function limits({ config: { ntfLimits: bounds, ntfPushes, ntfRelays }, listener }: OverviewParts, used: Gauges): Limit[] {
  return [
    ...limitRow('ntfLimits.connections', bounds.connections, listener.sockets.open),
    ...limitRow('ntfLimits.handshakes', bounds.handshakes, used.handshakes),
    ...limitRow('ntfPushes.queue', ntfPushes.queue, used.pushesQueued),
    ...limitRow('ntfRelays.relays', ntfRelays.relays, used.relaysClaimed),
    ...limitRow('ntfLimits.connectionsPerAddress', bounds.connectionsPerAddress, null),
    ...limitRow('ntfLimits.newConnectionsPerMinutePerAddress', bounds.newConnectionsPerMinutePerAddress, null),
    ...limitRow('ntfLimits.commandsInFlight', bounds.commandsInFlight, null),
    ...limitRow('ntfLimits.newTokensPerMinute', bounds.newTokensPerMinute || null, null),
    ...limitRow('ntfLimits.newTokensPerMinutePerAddress', bounds.newTokensPerMinutePerAddress || null, null),
    ...limitRow('ntfLimits.newSubscriptionsPerMinutePerAddress', bounds.newSubscriptionsPerMinutePerAddress || null, null),
  ];
}
