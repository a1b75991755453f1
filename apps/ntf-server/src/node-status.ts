/** What operators see of a running node: the rows of the status page. */
import type { StatusRow } from '@polyplex/nest';
import { upTime } from '@polyplex/node';
import type { NtfServer, NtfStats, Pushing, RelaySide } from '@polyplex/server-ntf';
import type { TokenStore } from '@polyplex/store-contract';

export interface StatusSources {
  readonly server: NtfServer;
  readonly stats: NtfStats;
  readonly relays: RelaySide;
  readonly pushing: Pushing;
  readonly store: TokenStore;
  readonly version: string;
  readonly address: string;
  readonly startedAt: number;
  readonly isDraining: () => boolean;
}

/** Facts for people; those of the store are left out when it does not answer. */
export async function statusRows({ server, stats, relays, pushing, store, version, address, startedAt, isDraining }: StatusSources): Promise<StatusRow[]> {
  const views = relays.gauges().relays;
  const { queued, inFlight } = pushing.gauges();
  return [
    { label: 'State', value: isDraining() ? 'draining' : 'running' },
    { label: 'Version', value: version },
    { label: 'Address', value: address },
    { label: 'Up for', value: upTime(startedAt) },
    { label: 'Sessions', value: server.gauges().sessions },
    { label: 'Relays connected', value: `${String(views.filter(({ connectedAt }) => connectedAt !== null).length)} of ${String(views.length)}` },
    { label: 'Relays with troubles', value: views.filter(({ troubles }) => troubles.length > 0).length },
    { label: 'Pushes in line', value: queued },
    { label: 'Pushes under way', value: inFlight },
    ...(await storeRows(store)),
    { label: 'Pushes since start', value: stats.delivered.value },
  ];
}

async function storeRows(store: TokenStore): Promise<StatusRow[]> {
  try {
    const { tokens, tokensByStatus, subscriptions } = await store.counts();
    return [{ label: 'Devices', value: tokens }, { label: 'Verified', value: tokensByStatus.ACTIVE ?? 0 }, { label: 'Queues watched', value: subscriptions }];
  } catch {
    return [{ label: 'Devices', value: 'the store does not answer' }];
  }
}
