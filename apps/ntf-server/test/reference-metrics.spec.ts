/** Every metric of the reference (NTF §6.4), under its name, in what a push proxy exposes; and what is left out, with the reason. */
import { silentLogger } from '@polyplex/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNtfNode, type NtfNode } from '../src/index.ts';
import { configOf, proxyFolder } from './support.ts';

const pairs = (...names: string[]): string[] => names.flatMap((name) => [`${name}_own`, `${name}_other`]);

/** By the part of their names after `simplex_ntf_`. */
const METRICS = {
  counter: [
    'tokens_created', 'tokens_verified', 'tokens_deleted', 'tokens_replaced', 'subscriptions_created', 'subscriptions_deleted',
    'notifications_received', 'notifications_received_auth', 'notifications_delivered', 'notifications_failed', 'notifications_periodic_delivered', 'notifications_periodic_failed',
    'notifications_verification_queued', 'notifications_verification_delivered', 'notifications_verification_failed', 'notifications_verification_invalid_tkn',
    'notifications_received_own', 'notifications_received_auth_own', 'notifications_delivered_own', 'notifications_failed_own',
  ],
  gauge: [
    'tokens_count_daily', 'tokens_count_weekly', 'tokens_count_monthly', 'tokens_total', 'subscriptions_count_daily', 'subscriptions_count_weekly', 'subscriptions_count_monthly',
    'subscriptions_approx_total', 'notifications_total', 'info', 'smp_sessions_count', 'apns_push_queue_length',
    ...pairs(...['service_subscription_active', 'subscription_active', 'service_subscription_pending', 'subscription_pending'].flatMap((kind) => [`smp_${kind}_server_count`, `smp_${kind}_sub_count`])),
    ...pairs('smp_subscribers_count', 'smp_agent_clients_count', 'smp_agent_sub_workers_count'),
  ],
} as const;

/** Of the reference's insides, which are not ours. */
const LEFT_OUT = ['threads_total'];

let node: NtfNode;
let text: string;
beforeAll(async () => {
  node = await createNtfNode(configOf(proxyFolder()), { log: silentLogger, version: '1.2.3' });
  text = await (await fetch(`${node.adminUrl}metrics`)).text();
});
afterAll(() => node.stop());

describe.each(Object.entries(METRICS))('a %s', (type, names) => {
  it.each(names)('simplex_ntf_%s', (name) => {
    expect(text).toContain(`# TYPE simplex_ntf_${name} ${type}\n`);
  });
});

it('nothing else has the reference\'s prefix, and what is left out is not there', () => {
  const known: readonly string[] = Object.values(METRICS).flat();
  const exposed = [...text.matchAll(/^# TYPE simplex_ntf_(\S+)/gm)].map(([, name]) => name!);
  expect(exposed.filter((name) => !known.includes(name))).toEqual([]);
  expect(LEFT_OUT.filter((name) => exposed.includes(name))).toEqual([]);
});

it('its version is that of the program', () => {
  expect(text).toContain('simplex_ntf_info{version="polyplex-1.2.3"} 1\n');
});
