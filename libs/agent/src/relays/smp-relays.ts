/** Sessions with relays over TLS, one each, that come back by themselves with their subscriptions. */
import { type Clock, systemClock } from '@polyplex/base';
import { connectSmp, type ConnectSmpOptions, createReconnectingClient, type ReconnectingClient, type Requester, SmpClientError } from '@polyplex/client';
import { formatAddress, type ServerAddress } from '@polyplex/protocol-common';
import type { ReplyOf } from '@polyplex/protocol-smp';
import type { Relays, SubscribedQueue } from '../context.ts';
import { PrivateRouting, type PrivateRoutingOptions } from './private-routing.ts';

export interface SmpRelaysOptions extends Pick<ConnectSmpOptions, 'dial' | 'hosts' | 'connectTimeoutMs' | 'requestTimeoutMs'> {
  readonly clock?: Clock;
  /** Default: relays are asked directly. */
  readonly privateRouting?: PrivateRoutingOptions;
}

interface RelayGauges {
  /** Sessions that stand. */
  readonly sessions: number;
  /** Relays that our queues are at. */
  readonly own: number;
  /** Of those, with a session. */
  readonly ownConnected: number;
}

export interface SmpRelays extends Relays {
  gauges(): RelayGauges;
}

/** How long a task waits for a session before it counts as tried. */
const READY_TIMEOUT_MS = 20_000;

export function openSmpRelays(options: SmpRelaysOptions, onMessage: (recipientId: Uint8Array, message: ReplyOf<'MSG'>) => void): SmpRelays {
  const { clock, privateRouting, ...connectOptions } = options;
  const clients = new Map<string, ReconnectingClient>();
  const clientOf = (server: ServerAddress): ReconnectingClient => {
    const name = formatAddress(server, 'smp');
    const known = clients.get(name);
    if (known !== undefined) return known;
    const client = createReconnectingClient({
      connect: (onEvent, signal) => connectSmp({ ...connectOptions, address: server, onEvent, signal, ...(clock && { clock }) }),
      onEvent: (recipientId, reply) => {
        if (reply.tag === 'MSG') onMessage(recipientId, reply);
      },
      ...(clock && { clock }),
    });
    clients.set(name, client);
    return client;
  };
  const requester = (server: ServerAddress): Promise<Requester> => within(clientOf(server).ready());
  const routing = privateRouting && new PrivateRouting(privateRouting, { direct: requester, clock: clock ?? systemClock });
  return {
    requester,
    sender: (server) => (routing === undefined ? requester(server) : routing.sender(server)),
    subscribe(queues) {
      const byServer = Map.groupBy(queues, ({ server }) => clientOf(server));
      for (const [client, group] of byServer) client.subscribe(group.map(subscriptionOf));
    },
    forget: ({ server, recipientId }) => clientOf(server).forget(recipientId),
    gauges: () => gaugesOf([...clients.values()]),
    close() {
      for (const client of clients.values()) client.close();
    },
  };
}

function gaugesOf(clients: readonly ReconnectingClient[]): RelayGauges {
  const own = clients.filter(({ subscriptionCount }) => subscriptionCount > 0);
  const standing = (some: readonly ReconnectingClient[]): number => some.filter(({ current }) => current !== null).length;
  return { sessions: standing(clients), own: own.length, ownConnected: standing(own) };
}

function subscriptionOf({ recipientId, recipientKey }: SubscribedQueue): { kind: 'SUB'; entityId: Uint8Array; key: SubscribedQueue['recipientKey'] } {
  return { kind: 'SUB', entityId: recipientId, key: recipientKey };
}

async function within(ready: Promise<Requester>): Promise<Requester> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new SmpClientError('TIMEOUT', 'no session in time')), READY_TIMEOUT_MS);
  try {
    return await Promise.race([ready, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}

