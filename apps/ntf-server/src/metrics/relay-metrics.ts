/**
 * Relays and our subscriptions there: the reference's gauges (NTF §6.4), and what tells of relays that moved. Labels by relay
 * are those of `ownDomains` alone, and of these not more than fit a dashboard: their names come from apps.
 */
import { RELAY_STATES, RELAY_TROUBLES } from '@polyplex/admin-api';
import { SECOND } from '@polyplex/base';
import type { Labels, Metrics } from '@polyplex/node';
import type { RelaySide, RelayView } from '@polyplex/server-ntf';

/** Own relays with a label of their own. */
const MOST_OWN = 100;

type Count = (view: RelayView) => number;

export function addRelayMetrics(metrics: Metrics, relays: RelaySide): void {
  const views = (): readonly RelayView[] => relays.gauges().relays;
  addSubscriptionGauges(metrics, views);
  counted(metrics, views, { prefix: 'simplex_ntf_smp_subscribers_', what: 'Relays that this node watches', count: () => 1 });
  counted(metrics, views, { prefix: 'simplex_ntf_smp_agent_clients_', what: 'Relays connected', count: isConnected });
  counted(metrics, views, { prefix: 'simplex_ntf_smp_agent_sub_workers_', what: 'Relays that are tried to be reached again', count: (view) => 1 - isConnected(view) });
  metrics.gauge(['simplex_ntf_smp_sessions_count', 'Sessions with relays'], () => sum(views(), isConnected));
  addOwnNames(metrics, relays, views);
  addCounters(metrics, relays);
}

const isConnected: Count = ({ connectedAt }) => Number(connectedAt !== null);
const inServiceOf: Count = ({ inService, activeInService }) => Math.max(0, inService - activeInService);
const missingOf: Count = ({ subscriptions, active }) => Math.max(0, subscriptions - active);

function addSubscriptionGauges(metrics: Metrics, views: () => readonly RelayView[]): void {
  const kinds: readonly (readonly [prefix: string, what: string, count: Count])[] = [
    ['simplex_ntf_smp_service_subscription_active_', 'our service is subscribed', ({ activeInService }) => activeInService],
    ['simplex_ntf_smp_subscription_active_', 'queues are subscribed one by one', ({ active }) => active],
    ['simplex_ntf_smp_service_subscription_pending_', 'our service is to be subscribed', inServiceOf],
    ['simplex_ntf_smp_subscription_pending_', 'queues are to be subscribed one by one', missingOf],
  ];
  for (const [prefix, what, count] of kinds) {
    pair(metrics, views, { name: `${prefix}server_count`, help: `Relays at which ${what}`, count: (view) => Number(count(view) > 0) });
    pair(metrics, views, { name: `${prefix}sub_count`, help: `Queues of relays at which ${what}`, count });
  }
}

function counted(metrics: Metrics, views: () => readonly RelayView[], { prefix, what, count }: { readonly prefix: string; readonly what: string; readonly count: Count }): void {
  pair(metrics, views, { name: `${prefix}count`, help: what, count });
}

/** `_own` by relay, `_other` together. */
function pair(metrics: Metrics, views: () => readonly RelayView[], { name, help, count }: { readonly name: string; readonly help: string; readonly count: Count }): void {
  metrics.gaugeSeries([`${name}_own`, `${help}: of ntfRelays.ownDomains`], {
    labels: ['server'],
    read: () => ownOf(views()).flatMap((view): [Labels, number][] => (count(view) > 0 ? [[{ server: view.host }, count(view)]] : [])),
  });
  metrics.gauge([`${name}_other`, `${help}: of others`], () => {
    const all = views();
    const own = new Set(ownOf(all));
    return sum(all.filter((view) => !own.has(view)), count);
  });
}

/** Those with the most queues; one that has several addresses is one. */
function ownOf(views: readonly RelayView[]): readonly RelayView[] {
  const byHost = new Map(views.filter(({ own }) => own).map((view) => [view.host, view]));
  return [...byHost.values()].toSorted((a, b) => b.subscriptions + b.inService - a.subscriptions - a.inService).slice(0, MOST_OWN);
}

function sum(views: readonly RelayView[], count: Count): number {
  return views.reduce((total, view) => total + count(view), 0);
}

function addOwnNames(metrics: Metrics, relays: RelaySide, views: () => readonly RelayView[]): void {
  metrics.gaugeSeries(['polyplex_ntf_relays', 'Relays that this node watches, by state'], {
    labels: ['state'],
    read: () => RELAY_STATES.map((state): [Labels, number] => [{ state }, sum(views(), (view) => Number(view.state === state))]),
  });
  metrics.gaugeSeries(['polyplex_ntf_relay_troubles', 'Relays whose queues may be silent: which moved, lost their data, or are away for long'], {
    labels: ['trouble'],
    read: () => RELAY_TROUBLES.map((trouble): [Labels, number] => [{ trouble }, sum(views(), ({ troubles }) => Number(troubles.includes(trouble)))]),
  });
  metrics.gauge(['polyplex_ntf_relays_known', 'Relays with subscriptions, of all nodes'], () => relays.gauges().share?.relays ?? NaN);
  metrics.gauge(['polyplex_ntf_relays_claimed', 'Those of them that a live node watches'], () => relays.gauges().share?.claimed ?? NaN);
  metrics.gauge(['polyplex_ntf_nodes', 'Live nodes that share them'], () => relays.gauges().share?.nodes ?? NaN);
  metrics.gauge(['polyplex_ntf_received_waiting', 'Notifications from relays that wait for the store'], () => relays.gauges().waiting);
  metrics.gauge(['polyplex_ntf_received_waiting_seconds', 'How long the oldest of them has been waiting'], () => relays.gauges().waitingMs / SECOND);
}

function addCounters(metrics: Metrics, { stats }: RelaySide): void {
  metrics.histogram(['polyplex_ntf_receive_seconds', 'From the arrival of a notification to its place in the store'], stats.receiveSeconds);
  metrics.family(['polyplex_ntf_relay_events_total', 'What relays said by themselves'], 'event', stats.events);
  metrics.family(['polyplex_ntf_subscribe_answers_total', 'Answers to NSUB'], 'result', stats.subscribes);
  metrics.counter(['polyplex_ntf_service_subscribes_total', 'NSUBS sent'], () => stats.serviceSubscribes.value);
  metrics.counter(['polyplex_ntf_relay_connects_total', 'Connections to relays'], () => stats.connects.value);
  metrics.family(['polyplex_ntf_relay_connect_failures_total', 'Connections to relays that failed'], 'cause', stats.connectFailures);
  metrics.counter(['polyplex_ntf_relay_disconnects_total', 'Connections to relays that ended'], () => stats.disconnects.value);
  metrics.family(['polyplex_ntf_relay_probes_total', 'Whether addresses still lead to the relays that we are connected to'], 'result', stats.probes);
  metrics.counter(['polyplex_ntf_relay_pauses_total', 'Times that a relay was not read from because the store did not keep up'], () => stats.pauses.value);
}
