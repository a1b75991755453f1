/** What a relay tells of itself (SMP §9.6, §9.7): numbers that it keeps in any case, and the bounds that hold. */
import { commonCounters, type Counters, type Gauges, type Limit, limitRow, type NodeTold, type OverviewSource } from '@polyplex/node';
import type { SmpServer } from '@polyplex/server-smp';
import type { QueueStore } from '@polyplex/store-contract';
import type { RedisQueueStore } from '@polyplex/store-redis';
import type { TlsListener } from '@polyplex/transport-tls';
import type { SmpConfig } from './config/smp-config.ts';

export interface OverviewParts {
  readonly config: SmpConfig;
  readonly server: SmpServer;
  readonly store: QueueStore;
  /** Null for a node that is alone. */
  readonly network: RedisQueueStore | null;
  readonly listener: TlsListener;
}

export function relayOverview({ config, server, store, network, listener }: OverviewParts): NodeTold {
  return {
    counters: () => ({ ...commonCounters(server, listener), ...counters(server), ...(network === null ? {} : { wordsLost: network.network().lost }) }),
    gauges: () => gauges(server, listener),
    stored: () => stored(store),
    distributions: () => distributions(server, store),
    stores: [{ name: 'queues', facts: () => store.facts(), room: () => store.room(), check: () => store.check() }],
    limits: (used) => limits(config, used, listener),
  };
}

function counters({ stats }: SmpServer): Counters {
  return {
    messagesSent: stats.messagesSent.value,
    messagesDelivered: stats.messagesDelivered.value,
    messagesReceived: stats.messagesReceived.value,
    messagesExpired: stats.messagesExpired.value,
    notificationsSent: stats.notificationsSent.value,
    queuesCreated: stats.queuesCreated.value,
    queuesDeleted: stats.queuesDeleted.value,
    forwardsSent: stats.forwards.get('succeeded'),
    forwardsReceived: stats.forwardsReceived.value,
  };
}

function gauges(server: SmpServer, { sockets }: TlsListener): Gauges {
  const { connections, sessions, subscriptions, relays, outboxBytes, notifierSubscriptions: single, notifierServiceSubscriptions: ofServices } = server.gauges();
  const notifierSubscriptions = single + ofServices;
  return { connections, handshakes: sockets.handshakes, sessions, subscriptions, notifierSubscriptions, relays, outboxBytes };
}

async function stored(store: QueueStore): Promise<Gauges> {
  const { queues, messages, notifiers, notifications } = await store.counts();
  return { queues, messages, notifiers, notifications };
}

function distributions({ stats }: SmpServer, store: QueueStore): ReturnType<OverviewSource['distributions']> {
  return {
    command: [...stats.commandSeconds.values.values()],
    send: [stats.commandSeconds.of('SEND')],
    store: [...store.facts().seconds.values()],
    acknowledge: [stats.acknowledgeSeconds],
  };
}

/** Those by address or connection are bounds on one client, so that nothing can be said of their use. */
function limits({ limits: bounds, messages, proxy }: SmpConfig, { relays, handshakes }: Gauges, { sockets }: TlsListener): Limit[] {
  return [
    ...limitRow('limits.connections', bounds.connections, sockets.open),
    ...limitRow('limits.handshakes', bounds.handshakes, handshakes),
    ...limitRow('limits.connectionsPerAddress', bounds.connectionsPerAddress, null),
    ...limitRow('limits.newConnectionsPerMinutePerAddress', bounds.newConnectionsPerMinutePerAddress, null),
    ...limitRow('limits.newQueuesPerMinute', bounds.newQueuesPerMinute || null, null),
    ...limitRow('limits.newQueuesPerMinutePerAddress', bounds.newQueuesPerMinutePerAddress || null, null),
    ...limitRow('limits.commandsInFlight', bounds.commandsInFlight, null),
    ...limitRow('messages.quota', messages.quota, null),
    ...limitRow('proxy.relays', proxy.enabled ? proxy.relays : null, relays),
  ];
}
