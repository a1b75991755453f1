/** What operators see of a running node: the rows of the status page. */
import type { StatusRow } from '@polyplex/nest';
import { upTime } from '@polyplex/node';
import type { SmpServer } from '@polyplex/server-smp';
import type { QueueStore } from '@polyplex/store-contract';
import type { TlsListener } from '@polyplex/transport-tls';

export interface StatusSources {
  readonly server: SmpServer;
  readonly store: QueueStore;
  readonly listener: TlsListener;
  readonly version: string;
  readonly address: string;
  readonly startedAt: number;
  readonly isDraining: () => boolean;
}

const GIB = 1024 ** 3;

/** Facts for people; the store's are left out when it does not answer. */
export async function statusRows(sources: StatusSources): Promise<StatusRow[]> {
  const { server, listener, version, address, startedAt, isDraining } = sources;
  const gauges = server.gauges();
  return [
    { label: 'State', value: isDraining() ? 'draining' : 'running' },
    { label: 'Version', value: version },
    { label: 'Address', value: address },
    { label: 'Up for', value: upTime(startedAt) },
    { label: 'Sockets', value: listener.sockets.open },
    { label: 'Sessions', value: gauges.sessions },
    { label: 'Subscriptions', value: gauges.subscriptions },
    { label: 'Other relays', value: gauges.relays },
    ...(await storeRows(sources.store)),
    { label: 'Messages sent since start', value: server.stats.messagesSent.value },
    { label: 'Messages received since start', value: server.stats.messagesReceived.value },
  ];
}

async function storeRows(store: QueueStore): Promise<StatusRow[]> {
  try {
    const [{ queues, messages, notifiers }, room] = await Promise.all([store.counts(), store.room()]);
    return [
      { label: 'Queues', value: queues },
      { label: 'Messages waiting', value: messages },
      { label: 'Notifiers', value: notifiers },
      { label: 'Room left', value: room === null ? 'unknown' : `${(room / GIB).toFixed(1)} GiB` },
    ];
  } catch {
    return [{ label: 'Store', value: 'does not answer' }]; // the page is for finding that out
  }
}
