/** Prometheus as a part: scrapes what it is told to, answers, says what is wrong, and leaves nothing. */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Prometheus, startPrometheus, waitUntil } from '../src/index.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function kept(config: string): Promise<Prometheus> {
  const prometheus = await startPrometheus({ config });
  closing.push(() => prometheus.stop());
  return prometheus;
}

test('scrapes, and answers with labels and values', async () => {
  const server: Server = createServer((_request, response) => response.end('a{b="c"} 7\nd NaN\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  closing.push(() => server.closeAllConnections());
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const prometheus = await kept(JSON.stringify({ scrape_configs: [{ job_name: 'j', scrape_interval: '200ms', scrape_timeout: '200ms', static_configs: [{ targets: [target] }] }] }));
  await waitUntil('a scrape', async () => ((await prometheus.query('a')).length > 0 ? true : undefined));
  expect(await prometheus.query('a')).toEqual([{ labels: { __name__: 'a', b: 'c', job: 'j', instance: target }, value: 7 }]);
  expect((await prometheus.query('d'))[0]!.value).toBeNaN();
  expect((await prometheus.query('a / 0'))[0]!.value).toBe(Infinity);
  expect(await prometheus.api('label/b/values')).toEqual(['c']);
});

test('rejects with what it says about an expression', async () => {
  const prometheus = await kept('{}');
  await expect(prometheus.query('rate(')).rejects.toMatchObject({ code: 'STATE', message: expect.stringContaining('parse error') });
});

test('does not start with a configuration that it does not accept, and says so', async () => {
  await expect(startPrometheus({ config: 'nonsense: 1' })).rejects.toMatchObject({ code: 'START', message: expect.stringContaining('nonsense') });
});

test('a stop ends it, twice too', async () => {
  const prometheus = await startPrometheus({ config: '{}' });
  const [, folder = ''] = /path=(\S+)\/data/.exec(JSON.stringify(await prometheus.api('status/flags')).replace('"storage.tsdb.path":"', 'path=')) ?? [];
  expect(existsSync(folder)).toBe(true);
  await prometheus.stop();
  await prometheus.stop();
  await expect(fetch(prometheus.url)).rejects.toThrow();
  expect(existsSync(folder)).toBe(false);
});
