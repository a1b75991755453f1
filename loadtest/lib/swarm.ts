/**
 * Asking the swarm from k6. What it measured beside the socket becomes k6's metrics here; k6's own HTTP times are those of
 * the way to the swarm, and of no interest.
 */
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
import type { OperationName, Operations, SwarmReply, WorkerStats } from '../../libs/swarm/src/protocol.ts';
import { WORKERS } from './settings.ts';

const connectTime = new Trend('smp_connect', true);
const createTime = new Trend('smp_create', true);
const secureTime = new Trend('smp_secure', true);
const sendTime = new Trend('smp_send', true);
const deliveryTime = new Trend('smp_delivery', true);
const ackTime = new Trend('smp_ack', true);
const subscribeTime = new Trend('smp_subscribe', true);
const drainTime = new Trend('smp_drain', true);
const contactTime = new Trend('smp_contact', true);
const notificationTime = new Trend('smp_notification', true);
const proxySessionTime = new Trend('smp_proxy_session', true);
const uploadTime = new Trend('xftp_upload', true);
const downloadTime = new Trend('xftp_download', true);
const messages = new Counter('smp_messages');
export const fileBytes = new Counter('xftp_bytes');
const failures = new Rate('swarm_failures');
/** By code and step, for the report. */
const failed = new Counter('swarm_failed');
/** Of a core, by worker. */
const swarmCpu = new Gauge('swarm_cpu_seconds');
const swarmLag = new Gauge('swarm_loop_lag_ms');

const TRENDS: Readonly<Record<string, Trend>> = {
  connectMs: connectTime, createMs: createTime, secureMs: secureTime, sendMs: sendTime, deliveryMs: deliveryTime, ackMs: ackTime, subscribeMs: subscribeTime,
  drainMs: drainTime, contactMs: contactTime, notificationMs: notificationTime, sessionMs: proxySessionTime, uploadMs: uploadTime, downloadMs: downloadTime,
};

/** More than the swarm gives itself for any step. */
const TIMEOUT = '180s';

/** Performs at a worker; null when it failed, which is counted. */
export function perform<O extends OperationName>(worker: number, op: O, request: Operations[O]['request']): Operations[O]['reply'] | null {
  const response = http.post(`${WORKERS[worker % WORKERS.length]!}/perform`, JSON.stringify({ op, ...request }), { timeout: TIMEOUT, tags: { name: op } });
  const reply = (response.status === 200 ? response.json() : { ok: false, code: 'SWARM', step: 'ask' }) as unknown as SwarmReply<O>;
  failures.add(!reply.ok, { op });
  if (!reply.ok) {
    failed.add(1, { op, code: reply.code, step: reply.step });
    return null;
  }
  record(op, reply as unknown as Readonly<Record<string, unknown>>);
  return reply;
}

function record(op: string, reply: Readonly<Record<string, unknown>>): void {
  for (const [name, trend] of Object.entries(TRENDS)) {
    const value = reply[name];
    // A connection that was there already took no time.
    if (typeof value === 'number' && !(name === 'connectMs' && value === 0)) trend.add(value, { op });
  }
  if (typeof reply['sendMs'] === 'number') messages.add(typeof reply['sends'] === 'number' ? reply['sends'] : 1, { op });
}

/** As `perform`, but for what the test cannot go on without: ends the whole test where it fails. */
export function demand<O extends OperationName>(worker: number, op: O, request: Operations[O]['request']): Operations[O]['reply'] {
  const reply = perform(worker, op, request);
  if (reply === null) return exec.test.abort(`${op} failed while the test was set up`) as never;
  return reply;
}

/** For an iteration once a second or so: what the swarm itself costs. */
export function lookAtSwarm(): void {
  WORKERS.forEach((url, worker) => {
    const response = http.get(`${url}/stats`, { tags: { name: 'stats' } });
    if (response.status !== 200) return;
    const stats = response.json() as unknown as WorkerStats;
    swarmCpu.add(stats.cpuSeconds, { worker: String(worker) });
    swarmLag.add(stats.loopLagMs, { worker: String(worker) });
  });
}
