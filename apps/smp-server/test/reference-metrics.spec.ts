/** Every metric of the reference (SMP §9.7), under its name and labels, in what a relay exposes; and what is left out, with the reason. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSmpNode, type SmpNode } from '../src/index.ts';
import { silentLogger } from '@polyplex/telemetry';
import { configOf, relayFolder } from './support.ts';

type Type = 'counter' | 'gauge' | 'histogram';
type Labels = Readonly<Record<string, readonly string[]>>;

const types = (...type: string[]): Labels => ({ type });
const SOURCE = { source: ['all', 'own'] };
const ROUTING_ERRORS = { ...SOURCE, type: ['connect', 'compat', 'other'] };
const PERIOD = { period: ['0-60', '60-300', '300-1200', '1200-3600', '3600+'] };

/** By the part of their names after `simplex_smp_`. */
const METRICS: Readonly<Record<Type, Readonly<Record<string, Labels>>>> = {
  counter: {
    queues_created: {}, queues_secured: {}, queues_blocked: {}, queues_deleted: types('all', 'new', 'secured'), queues_deleted_batch: {},
    subscribtion_successes: {}, subscribtion_successes_batch: {}, subscribtion_end: {}, subscribtion_end_batch: {},
    subscribtion_errors: types('auth', 'duplicate', 'prohibited'),
    messages_sent: {}, messages_received: {}, messages_expired: {}, messages_sent_errors: types('auth', 'quota', 'large', 'block'),
    messages_notify_sent: {}, messages_notify_received: {}, messages_notify_get_sent: {}, messages_notify_get_received: {},
    messages_notify_get_errors: types('nomsg', 'auth', 'duplicate', 'prohibited'),
    queues_notify_created: {}, queues_notify_new_created: {}, queues_notify_deleted: {}, queues_notify_deleted_batch: {},
    messages_ntf_successes: {}, messages_ntf_successes_batch: {}, messages_ntf_errors: types('nosub', 'lost', 'expired'),
    subscription_ntf_requests: {}, subscription_ntf_requests_batch: {}, subscribtion_ntf_errors: types('auth', 'duplicate'),
    relay_sessions_requests: SOURCE, relay_sessions_successes: SOURCE, relay_sessions_errors: ROUTING_ERRORS,
    relay_messages_requests: SOURCE, relay_messages_successes: SOURCE, relay_messages_errors: ROUTING_ERRORS, relay_messages_received: {},
    ...Object.fromEntries(['rcv', 'ntf'].flatMap((kind) => ['assoc_new', 'assoc_duplicate', 'assoc_updated', 'assoc_removed', 'sub_count', 'sub_duplicate'].map((name) => [`${kind}_services_${name}`, {}]))),
    delivery_ack_confirmed_count: PERIOD,
  },
  gauge: {
    queues_total1: {}, queues_total2: {}, queues_daily: {}, queues_weekly: {}, queues_monthly: {},
    queues_notify_daily: {}, queues_notify_weekly: {}, queues_notify_monthly: {}, queues_notify_total1: {}, queues_notify_total2: {}, messages_total: {},
    rcv_services_count: {}, rcv_services_queues_count: {}, ntf_services_count: {}, ntf_services_queues_count: {},
    rcv_services_sub_queues: {}, rcv_services_sub_end: {}, ntf_services_sub_queues: {}, ntf_services_sub_end: {},
    info: { version: ['polyplex-1.2.3'] }, clients_total: {}, delivered_total: {}, delivered_clients_total: {},
    delivery_ack_pending_count: PERIOD, delivery_ack_time_max: {},
    subscribtion_total: {}, subscribtion_clients_total: {}, subscribtion_services_total: {},
    subscription_ntf_total: {}, subscription_ntf_clients_total: {}, subscribtion_nts_services_total: {}, subscription_ntf_service_subs_total: {},
    sockets_accepted: { port: [] }, sockets_closed: { port: [] }, sockets_active: { port: [] }, sockets_leaked: { port: [] },
  },
  histogram: { delivery_ack_confirmed_time: { le: ['1', '5', '10', '30', '60', '90', '180', '240', '+Inf'] } },
};

/** Of the reference's insides, which are not ours. */
const LEFT_OUT = ['threads_total', 'loaded_queues_queue_count', 'loaded_queues_ntf_count', 'loaded_queues_open_journal_count', 'loaded_queues_queue_lock_count', 'loaded_queues_ntf_lock_count'];

let node: SmpNode;
let text: string;
beforeAll(async () => {
  node = await createSmpNode(configOf(relayFolder()), { log: silentLogger, version: '1.2.3' });
  text = await (await fetch(`${node.adminUrl}metrics`)).text();
});
afterAll(() => node.stop());

/** Values of a label in the samples of a metric. */
function valuesOf(name: string, label: string): Set<string> {
  const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name}_bucket{`));
  return new Set(samples.flatMap((line) => [...line.matchAll(/(\w+)="([^"]*)"/g)]).filter(([, key]) => key === label).map(([, , value]) => value!));
}

describe.each(Object.entries(METRICS))('a %s', (type, metrics) => {
  it.each(Object.entries(metrics))('simplex_smp_%s', (suffix, labels) => {
    const name = `simplex_smp_${suffix}`;
    expect(text).toContain(`# TYPE ${name} ${type}\n`);
    for (const [label, expected] of Object.entries(labels)) {
      const values = valuesOf(name, label);
      for (const value of expected) expect(values).toContain(value);
      expect(values.size).toBeGreaterThan(0);
    }
  });
});

it('nothing else has the reference\'s prefix, and what is left out is not there', () => {
  const known = new Set(Object.values(METRICS).flatMap((metrics) => Object.keys(metrics)));
  const exposed = [...text.matchAll(/^# TYPE simplex_smp_(\S+)/gm)].map(([, name]) => name!);
  expect(exposed.filter((name) => !known.has(name))).toEqual([]);
  expect(LEFT_OUT.filter((name) => exposed.includes(name))).toEqual([]);
});

it('every metric says what it is', () => {
  const helped = [...text.matchAll(/^# HELP (\S+) (.+)$/gm)].map(([, name]) => name);
  const typed = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(helped).toEqual(typed);
});
