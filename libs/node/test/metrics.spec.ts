/** The exposition: what a scrape reads, in Prometheus' text format. */
import { CounterFamily, Histogram, HistogramFamily } from '@polyplex/telemetry';
import { expect, it } from 'vitest';
import { addPlatformMetrics, Metrics, Readiness } from '../src/index.ts';

const newMetrics = (): Metrics => new Metrics(['test_info', 'Version'], '1.2.3');

/** Lines of one metric, its help and type included. */
async function linesOf(metrics: Metrics, name: string): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => new RegExp(`^(# \\w+ )?${name}(_bucket|_sum|_count)?[ {]`).test(line));
}

it('reads everything at each scrape', async () => {
  const metrics = newMetrics();
  let value = 1;
  metrics.gauge(['g', 'A gauge'], () => Promise.resolve(value));
  metrics.counter(['c', 'A counter'], () => value * 10, { type: 'all' });
  expect(await linesOf(metrics, 'g')).toEqual(['# HELP g A gauge', '# TYPE g gauge', 'g 1']);
  expect(await linesOf(metrics, 'c')).toEqual(['# HELP c A counter {type}', '# TYPE c counter', 'c{type="all"} 10']);
  value = 2;
  expect((await linesOf(metrics, 'g')).at(-1)).toBe('g 2');
  expect((await linesOf(metrics, 'c')).at(-1)).toBe('c{type="all"} 20');
});

it('tells the labels of families that have no values yet, and forgets values that are no more', async () => {
  const metrics = newMetrics();
  const family = new CounterFamily();
  metrics.family(['f', 'A family'], 'reason', family);
  const shards = new Map([['a', 1], ['b', 2]]);
  metrics.gaugeSeries(['s', 'Shards'], { labels: ['shard'], read: () => [...shards].map(([shard, room]) => [{ shard }, room]) });
  expect(await linesOf(metrics, 'f')).toEqual(['# HELP f A family {reason}', '# TYPE f counter']);
  family.add('x', 3);
  expect((await linesOf(metrics, 'f')).slice(2)).toEqual(['f{reason="x"} 3']);
  expect((await linesOf(metrics, 's')).slice(2)).toEqual(['s{shard="a"} 1', 's{shard="b"} 2']);
  shards.delete('a');
  expect((await linesOf(metrics, 's')).slice(2)).toEqual(['s{shard="b"} 2']);
});

it('adds up the buckets of a histogram', async () => {
  const metrics = newMetrics();
  const family = new HistogramFamily([1, 2]);
  for (const value of [0.5, 1, 1.5, 9]) family.of('SEND').observe(value);
  metrics.histogramFamily(['h', 'A histogram'], 'command', family);
  expect((await linesOf(metrics, 'h')).slice(1)).toEqual([
    '# TYPE h histogram', 'h_bucket{command="SEND",le="1"} 2', 'h_bucket{command="SEND",le="2"} 3', 'h_bucket{command="SEND",le="+Inf"} 4',
    'h_sum{command="SEND"} 12', 'h_count{command="SEND"} 4',
  ]);
});

it('has the process in it, and nothing that lists all sockets', async () => {
  const text = await newMetrics().text();
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds']) expect(text).toContain(`\n${name} `);
  expect(text).toContain('# HELP nodejs_gc_duration_seconds');
  expect(text).toMatch(/# HELP nodejs_gc_duration_seconds .* \{kind\}/);
  expect(text).not.toContain('nodejs_active_handles');
});

it('tells of every node alike', async () => {
  const metrics = newMetrics();
  const seconds = new Histogram([1]);
  seconds.observe(0.5);
  const shard = (name: string, connected: boolean, roomBytes: number | null) => ({ name, connected, roomBytes, seconds });
  let isDraining = false;
  let skew: number | null = null;
  addPlatformMetrics(metrics, {
    listener: { rejected: new CounterFamily(), sockets: { open: 3, handshakes: 1 }, ports: [{ port: 443, accepted: 9, closed: 6, active: 2 }], handshakeSeconds: seconds },
    stores: {
      queues: { facts: () => ({ engine: 'redis', shards: [shard('r1:1', true, 7), shard('r2:2', false, null)], seconds: new Map([['r1:1', seconds]]), clockSkewSeconds: skew }) },
      bodies: { facts: () => ({ engine: 's3', shards: [shard('s3', true, null)], seconds: new Map([['s3', seconds]]), clockSkewSeconds: null }) },
    },
    readiness: new Readiness(() => isDraining, []),
    certificates: { facts: [{ name: 'identity', notBefore: 0, notAfter: 2000 }] },
    startedAt: 5000,
    referenceSockets: 'simplex_smp_sockets',
  });
  const values = async (name: string) => (await linesOf(metrics, name)).filter((line) => !line.startsWith('#'));
  expect([await values('polyplex_ready'), await values('polyplex_draining')]).toEqual([['polyplex_ready 1'], ['polyplex_draining 0']]);
  isDraining = true;
  expect([await values('polyplex_ready'), await values('polyplex_draining')]).toEqual([['polyplex_ready 0'], ['polyplex_draining 1']]);
  expect(await values('polyplex_start_time_seconds')).toEqual(['polyplex_start_time_seconds 5']);
  expect(await values('polyplex_certificate_expiry_timestamp_seconds')).toEqual(['polyplex_certificate_expiry_timestamp_seconds{certificate="identity"} 2']);
  expect(await values('polyplex_redis_connected')).toEqual(['polyplex_redis_connected{shard="r1:1"} 1', 'polyplex_redis_connected{shard="r2:2"} 0']);
  expect(await values('polyplex_redis_room_bytes')).toEqual(['polyplex_redis_room_bytes{shard="r1:1"} 7']);
  expect(await values('polyplex_clock_skew_seconds')).toEqual(['polyplex_clock_skew_seconds Nan']);
  skew = -2.5;
  expect(await values('polyplex_clock_skew_seconds')).toEqual(['polyplex_clock_skew_seconds -2.5']);
  expect((await values('polyplex_store_seconds')).filter((line) => line.includes('_count'))).toEqual([
    'polyplex_store_seconds_count{store="queues",shard="r1:1"} 1', 'polyplex_store_seconds_count{store="bodies",shard="s3"} 1',
  ]);
  expect(await values('polyplex_sockets_accepted_total')).toEqual(['polyplex_sockets_accepted_total{port="443"} 9']);
  expect(await values('simplex_smp_sockets_leaked')).toEqual(['simplex_smp_sockets_leaked{port="443"} 1']);
  const providers = (await values('polyplex_crypto_provider')).map((line) => line.slice(-1));
  expect(providers.toSorted()).toEqual(['0', '1']);
});
