/**
 * The exposition for Prometheus. Names of the reference (SMP §9.7) where the meaning is the same, `polyplex_` otherwise.
 * Counters run since the start; everything is read when scraped and nothing scans. Labels come from closed sets.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { cryptoProvider } from '@polyplex/crypto';
import type { MetricsSource } from '@polyplex/nest';
import type { SmpServer } from '@polyplex/server-smp';
import type { QueueStore } from '@polyplex/store-contract';
import type { CounterFamily } from '@polyplex/telemetry';
import type { TlsListener } from '@polyplex/transport-tls';

export interface MetricsSources {
  readonly server: SmpServer;
  readonly store: QueueStore;
  readonly listener: TlsListener;
  readonly version: string;
}

/** Of the default metrics, those that list every socket at each scrape. */
const SCANNING = ['handles', 'requests', 'resources'].flatMap((kind) => [`nodejs_active_${kind}`, `nodejs_active_${kind}_total`]);

export function nodeMetrics(sources: MetricsSources): MetricsSource {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of SCANNING) registry.removeSingleMetric(name);
  addInfo(registry, sources.version);
  addCounters(registry, sources.server);
  addFamilies(registry, sources);
  addTransportGauges(registry, sources.listener);
  const readServer = serverGauges(registry, sources.server);
  const readStore = storeGauges(registry, sources.store);
  return {
    async text() {
      readServer();
      await readStore();
      return registry.metrics();
    },
  };
}

function addInfo(registry: Registry, version: string): void {
  const info = new Gauge({ name: 'simplex_smp_info', help: 'Version of this relay', labelNames: ['version'], registers: [registry] });
  info.set({ version: `polyplex-${version}` }, 1);
  gauge(registry, ['polyplex_crypto_native', '1 when the fast native cryptography is in use'], () => (cryptoProvider.name === 'native' ? 1 : 0));
}

type NameAndHelp = readonly [name: string, help: string];

function gauge(registry: Registry, [name, help]: NameAndHelp, read: () => number): void {
  new Gauge({ name, help, registers: [registry], collect() { this.set(read()); } });
}

/** `labels`: fixed ones, where the reference has them. */
function counter(registry: Registry, [name, help]: NameAndHelp, read: () => number, labels: Readonly<Record<string, string>> = {}): void {
  new Counter({
    name, help, labelNames: Object.keys(labels), registers: [registry],
    collect() {
      this.reset();
      this.inc(labels, read());
    },
  });
}

function family(registry: Registry, [name, help]: NameAndHelp, label: string, values: CounterFamily): void {
  new Counter({
    name, help, labelNames: [label], registers: [registry],
    collect() {
      this.reset();
      for (const [value, count] of values.values) this.inc({ [label]: value }, count);
    },
  });
}

function addCounters(registry: Registry, { stats }: SmpServer): void {
  const all = { source: 'all' };
  counter(registry, ['simplex_smp_queues_created', 'Queues created'], () => stats.queuesCreated.value);
  counter(registry, ['simplex_smp_queues_deleted', 'Queues deleted'], () => stats.queuesDeleted.value, { type: 'all' });
  counter(registry, ['simplex_smp_messages_sent', 'Messages accepted from senders'], () => stats.messagesSent.value);
  counter(registry, ['simplex_smp_messages_received', 'Messages acknowledged by recipients'], () => stats.messagesReceived.value);
  counter(registry, ['simplex_smp_messages_expired', 'Messages deleted by age'], () => stats.messagesExpired.value);
  counter(registry, ['simplex_smp_messages_ntf_successes', 'Notifications sent'], () => stats.notificationsSent.value);
  counter(registry, ['simplex_smp_messages_ntf_errors', 'Notifications not sent'], () => stats.notificationsExpired.value, { type: 'expired' });
  counter(registry, ['simplex_smp_relay_sessions_requests', 'Sessions with other relays asked for'], () => stats.relaySessions.get('requested'), all);
  counter(registry, ['simplex_smp_relay_sessions_successes', 'Sessions with other relays given'], () => stats.relaySessions.get('opened'), all);
  counter(registry, ['simplex_smp_relay_messages_requests', 'Commands to forward'], () => stats.forwards.get('requested'), all);
  counter(registry, ['simplex_smp_relay_messages_successes', 'Commands forwarded and answered'], () => stats.forwards.get('succeeded'), all);
  counter(registry, ['simplex_smp_relay_messages_received', 'Forwarded commands from other relays'], () => stats.forwardsReceived.value);
  counter(registry, ['polyplex_smp_relay_sessions_failed_total', 'Sessions with other relays that failed'], () => stats.relaySessions.get('failed'));
  counter(registry, ['polyplex_smp_relay_messages_failed_total', 'Commands not forwarded'], () => stats.forwards.get('failed'));
  counter(registry, ['polyplex_smp_messages_delivered_total', 'Messages pushed to subscribers'], () => stats.messagesDelivered.value);
  counter(registry, ['polyplex_smp_subscriptions_ended_total', 'Subscriptions lost to another connection or to deletion'], () => stats.subscriptionsEnded.value);
  counter(registry, ['polyplex_smp_internal_errors_total', 'Commands answered ERR INTERNAL'], () => stats.internalErrors.value);
}

function addFamilies(registry: Registry, { server: { stats }, listener }: MetricsSources): void {
  family(registry, ['polyplex_smp_commands_total', 'Commands by name'], 'command', stats.commands);
  family(registry, ['polyplex_smp_errors_total', 'ERR answers by type'], 'type', stats.errors);
  family(registry, ['polyplex_smp_handshake_failures_total', 'SMP handshakes that failed'], 'reason', stats.handshakeFailures);
  family(registry, ['polyplex_smp_connections_closed_total', 'Connections closed'], 'reason', stats.closed);
  family(registry, ['polyplex_tls_rejected_total', 'Sockets turned away before they were connections'], 'reason', listener.rejected);
}

function addTransportGauges(registry: Registry, listener: TlsListener): void {
  gauge(registry, ['polyplex_sockets_open', 'Sockets of all kinds and states'], () => listener.sockets.open);
  gauge(registry, ['polyplex_tls_handshakes', 'TLS handshakes in flight'], () => listener.sockets.handshakes);
}

function gaugesOf<K extends string>(registry: Registry, names: Readonly<Record<K, NameAndHelp>>): (values: Readonly<Record<K, number>>) => void {
  const gauges = Object.entries<NameAndHelp>(names).map(([key, [name, help]]) => [key as K, new Gauge({ name, help, registers: [registry] })] as const);
  return (values) => {
    for (const [key, each] of gauges) each.set(values[key]);
  };
}

/** Answers what reads all of them at once, since counting subscriptions walks over the sessions. */
function serverGauges(registry: Registry, server: SmpServer): () => void {
  const set = gaugesOf(registry, {
    sessions: ['simplex_smp_clients_total', 'Sessions past their handshake'],
    subscriptions: ['simplex_smp_subscribtion_total', 'Live subscriptions'],
    subscribedSessions: ['simplex_smp_subscribtion_clients_total', 'Sessions with subscriptions'],
    notifierSubscriptions: ['simplex_smp_subscription_ntf_total', 'Live subscriptions of notifiers'],
    connections: ['polyplex_smp_connections', 'Connections served'],
    relays: ['polyplex_smp_relays', 'Sessions with other relays'],
  });
  return () => set(server.gauges());
}

/** A store that does not answer leaves its last counts and says so; the rest of the scrape is still served. */
function storeGauges(registry: Registry, store: QueueStore): () => Promise<void> {
  const set = gaugesOf(registry, {
    queues: ['simplex_smp_queues_total2', 'Queues stored'],
    securedQueues: ['polyplex_smp_queues_secured', 'Queues with a sender key'],
    messages: ['simplex_smp_messages_total', 'Messages stored'],
    notifiers: ['simplex_smp_queues_notify_total2', 'Notifiers stored'],
    notifications: ['simplex_smp_queues_notify_total1', 'Notifications pending'],
    recipientServices: ['simplex_smp_rcv_services_count', 'Recipient services'],
    recipientServiceQueues: ['simplex_smp_rcv_services_queues_count', 'Queues of recipient services'],
    notifierServices: ['simplex_smp_ntf_services_count', 'Notifier services'],
    notifierServiceQueues: ['simplex_smp_ntf_services_queues_count', 'Queues of notifier services'],
    proxyServices: ['polyplex_smp_proxy_services', 'Services in the role of a proxy'],
  });
  const own = gaugesOf(registry, {
    available: ['polyplex_store_available', '1 when the store answered this scrape'],
    room: ['polyplex_store_room_bytes', 'Room left before writes are refused; NaN where unknown'],
  });
  return async () => {
    try {
      const [counts, room] = await Promise.all([store.counts(), store.room()]);
      set(counts);
      own({ available: 1, room: room ?? NaN });
    } catch {
      own({ available: 0, room: NaN }); // which is how the operator hears of it
    }
  };
}
