/** The metrics that all nodes have alike: readiness, stores, and, of those that clients connect to, certificates and sockets. */
import { SECOND } from '@polyplex/base';
import { cryptoProvider } from '@polyplex/crypto';
import type { FactSource, StoreFacts } from '@polyplex/store-contract';
import type { CounterFamily } from '@polyplex/telemetry';
import type { PortCounts } from '@polyplex/transport-tls';
import type { CertificateFacts } from './health/certificates.ts';
import type { Readiness } from './health/readiness.ts';
import type { Distribution, Labels, Metrics, Series } from './metrics.ts';

/** What of a listener is told; both kinds have it. */
export interface ListenerFacts {
  readonly rejected: CounterFamily;
  readonly sockets: { readonly open: number; readonly handshakes: number };
  readonly ports: readonly PortCounts[];
  readonly handshakeSeconds: Distribution;
}

export type StoreName = 'queues' | 'files' | 'bodies' | 'tokens' | 'records';

export interface PlatformSources {
  readonly listener?: ListenerFacts;
  readonly stores: Readonly<Partial<Record<StoreName, FactSource>>>;
  readonly readiness: Readiness;
  readonly certificates?: { readonly facts: readonly CertificateFacts[] };
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** What the reference's names for sockets begin with, where it has them. */
  readonly referenceSockets?: string;
}

export function addPlatformMetrics(metrics: Metrics, sources: PlatformSources): void {
  addHealth(metrics, sources);
  if (sources.certificates !== undefined) addCertificates(metrics, sources.certificates);
  if (sources.listener !== undefined) addSockets(metrics, sources.listener);
  if (sources.listener !== undefined && sources.referenceSockets !== undefined) addReferenceSockets(metrics, sources.referenceSockets, sources.listener);
  addStores(metrics, sources.stores);
}

function addHealth(metrics: Metrics, { readiness, startedAt }: PlatformSources): void {
  metrics.gauge(['polyplex_ready', '1 when the node should get work, as /readyz says'], async () => Number((await readiness.notReady()).length === 0));
  metrics.gauge(['polyplex_draining', '1 when the node is stopping'], () => Number(readiness.isDraining()));
  metrics.gauge(['polyplex_start_time_seconds', 'When the node was ready for its first client; Unix time'], () => startedAt / SECOND);
  metrics.gauge(['polyplex_crypto_native', '1 when the fast native cryptography is in use'], () => Number(cryptoProvider.name === 'native'));
  metrics.gaugeSeries(['polyplex_crypto_provider', '1 for the cryptography in use, `native` or the slow `portable`'], {
    labels: ['provider'],
    read: () => ['native', 'portable'].map((provider) => [{ provider }, Number((cryptoProvider.name === 'native') === (provider === 'native'))]),
  });
}

function addCertificates(metrics: Metrics, certificates: NonNullable<PlatformSources['certificates']>): void {
  metrics.gaugeSeries(['polyplex_certificate_expiry_timestamp_seconds', 'When a certificate ends, or one of its chain before; Unix time'], {
    labels: ['certificate'],
    read: () => certificates.facts.map(({ name, notAfter }) => [{ certificate: name }, notAfter / SECOND]),
  });
}

function byPort({ ports }: ListenerFacts, read: (port: PortCounts) => number): Series<number> {
  return { labels: ['port'], read: () => ports.map((port): [Labels, number] => [{ port: String(port.port) }, read(port)]) };
}

/** SMP §9.7: gauges, though they only grow. */
function addReferenceSockets(metrics: Metrics, prefix: string, listener: ListenerFacts): void {
  metrics.gaugeSeries([`${prefix}_accepted`, 'Sockets accepted'], byPort(listener, ({ accepted }) => accepted));
  metrics.gaugeSeries([`${prefix}_closed`, 'Sockets closed'], byPort(listener, ({ closed }) => closed));
  metrics.gaugeSeries([`${prefix}_active`, 'Sockets open'], byPort(listener, ({ active }) => active));
  metrics.gaugeSeries([`${prefix}_leaked`, 'Sockets neither open nor closed'], byPort(listener, ({ accepted, closed, active }) => accepted - closed - active));
}

function addSockets(metrics: Metrics, listener: ListenerFacts): void {
  metrics.counterSeries(['polyplex_sockets_accepted_total', 'Sockets accepted, those included that were turned away'], byPort(listener, ({ accepted }) => accepted));
  metrics.counterSeries(['polyplex_sockets_closed_total', 'Sockets closed'], byPort(listener, ({ closed }) => closed));
  metrics.gauge(['polyplex_sockets_open', 'Sockets of all kinds and states'], () => listener.sockets.open);
  metrics.gauge(['polyplex_tls_handshakes', 'TLS handshakes in flight'], () => listener.sockets.handshakes);
  metrics.histogram(['polyplex_tls_handshake_seconds', 'TLS handshakes that succeeded, clients\' networks included'], listener.handshakeSeconds);
  metrics.family(['polyplex_tls_rejected_total', 'Sockets turned away before they were connections'], 'reason', listener.rejected);
}

function addStores(metrics: Metrics, stores: PlatformSources['stores']): void {
  const all = Object.entries(stores);
  const facts = (): (readonly [string, StoreFacts])[] => all.map(([name, store]) => [name, store.facts()]);
  metrics.histogramSeries(['polyplex_store_seconds', 'Steps of a store: a group\'s commit or a body made durable on a disk, a command of Redis until it is durable, a request to S3'], {
    labels: ['store', 'shard'],
    read: () => facts().flatMap(([store, { seconds }]) => [...seconds].map(([shard, each]): [Labels, Distribution] => [{ store, shard }, each])),
  });
  const onRedis = facts().filter(([, { engine }]) => engine === 'redis').map(([name]) => name);
  if (onRedis.length > 0) addRedis(metrics, () => facts().filter(([name]) => onRedis.includes(name)));
}

function addRedis(metrics: Metrics, facts: () => readonly (readonly [string, StoreFacts])[]): void {
  const shards = () => facts().flatMap(([, { shards }]) => shards);
  metrics.gaugeSeries(['polyplex_redis_connected', '1 for a primary of Redis that this node is connected to'], {
    labels: ['shard'],
    read: () => shards().map(({ name, connected }) => [{ shard: name }, Number(connected)]),
  });
  metrics.gaugeSeries(['polyplex_redis_room_bytes', 'Bytes that a primary of Redis takes before writes are refused; none without maxmemory'], {
    labels: ['shard'],
    read: () => shards().flatMap(({ name, roomBytes }): [Labels, number][] => (roomBytes === null ? [] : [[{ shard: name }, roomBytes]])),
  });
  metrics.gauge(['polyplex_clock_skew_seconds', 'This machine\'s clock minus that of the primary of Redis which is farthest away from it; NaN while unknown'], () => {
    const known = facts().flatMap(([, { clockSkewSeconds }]) => clockSkewSeconds ?? []);
    return known.reduce((most, each) => (Number.isNaN(most) || Math.abs(each) > Math.abs(most) ? each : most), NaN);
  });
}
