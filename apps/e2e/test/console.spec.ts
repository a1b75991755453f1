/**
 * The console of a network under load: three relays on one Redis, clients that send and receive, and a browser that looks
 * at one of the three. It shows all of them and numbers that move; and neither it nor anything that the admin port says
 * holds an id, a key or an address of those clients.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { History } from '@polyplex/admin-api';
import { type ServerNode, startRedis, startRelayNode } from '@polyplex/local-cluster';
import { parseAddress } from '@polyplex/protocol-common';
import { bodiesOf, complaintsOf, launchChromium } from '@polyplex/testing';
import type { Page } from 'playwright-core';
import { expect, it, vi } from 'vitest';
import { type Channel, createChannels, traffic } from './traffic.ts';

vi.setConfig({ testTimeout: 300_000 });

const WAIT_MS = 60_000;
const CHANNELS = 12;
const screenshots = process.env['CONSOLE_SCREENSHOTS'];

async function startNodes(parts: AsyncDisposableStack): Promise<readonly ServerNode[]> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-console-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const redis = await startRedis();
  parts.defer(() => redis.stop());
  const nodes: ServerNode[] = [];
  // One after another: the first makes the identity that all share.
  for (const name of ['anna', 'bert', 'cleo']) {
    const node = await startRelayNode({
      folder: join(folder, name), configDir: join(folder, 'config'),
      settings: ['storage.engine=redis', `redis.urls=${redis.url}`, `admin.nodeName=${name}`, 'messages.quota=5000', 'limits.newQueuesPerMinutePerAddress=0', 'listen.proxyProtocol=true', 'listen.trustedProxies=127.0.0.1'],
    });
    parts.defer(async () => void (await node.stop()));
    nodes.push(node);
  }
  return nodes;
}

/** A way to a node on which every client seems to come from one address, as from behind a load balancer. */
async function wayFrom(client: string, target: number, parts: AsyncDisposableStack): Promise<string> {
  const server = createServer((incoming) => {
    const outgoing = connect(target, '127.0.0.1');
    outgoing.write(`PROXY TCP4 ${client} 127.0.0.1 ${String(incoming.remotePort)} ${String(target)}\r\n`);
    incoming.pipe(outgoing).pipe(incoming);
    for (const socket of [incoming, outgoing]) socket.on('error', () => [incoming, outgoing].forEach((each) => each.destroy()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  parts.defer(() => void server.close());
  return String((server.address() as AddressInfo).port);
}

/** Every id and key of the channels, as they would be written. */
function secretsOf(channels: readonly Channel[]): readonly string[] {
  const all = channels.flatMap(({ queue, key }) => [
    queue.recipientId, queue.senderId, queue.key.raw, queue.boxKey, key.publicKey.raw, key.privateKey.raw,
  ].map((bytes) => Buffer.from(bytes)));
  return all.flatMap((bytes) => [bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')]);
}

/** What the admin port says, with every answer that a page gets. */
async function said(nodes: readonly ServerNode[]): Promise<string> {
  const paths = ['', 'admin/overview', 'admin/fleet', 'admin/history', 'metrics', 'admin/stats', 'admin/clients', 'readyz'];
  const answers = await Promise.all(nodes.flatMap(({ adminUrl }) => paths.map((path) => fetch(`${adminUrl}${path}`))));
  expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
  return (await Promise.all(answers.map((answer) => answer.text()))).join('\n');
}

/** Of the table of nodes: a name and the number in a column. */
async function column(page: Page, label: string): Promise<ReadonlyMap<string, string>> {
  const rows = await page.locator('.nodes tbody tr').all();
  return new Map(await Promise.all(rows.map(async (row): Promise<[string, string]> =>
    [(await row.locator('th').textContent())!, (await row.locator(`td[data-label="${label}"]`).textContent())!])));
}

async function picture(page: Page, name: string): Promise<void> {
  if (screenshots !== undefined) await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

it('shows three nodes and moving numbers, and nothing of any client', async () => {
  await using parts = new AsyncDisposableStack();
  const nodes = await startNodes(parts);
  const clients = ['203.0.113.71', '203.0.113.72', '203.0.113.73'];
  const addresses = await Promise.all(nodes.map(async ({ address, port }, i) => ({ ...parseAddress(address)!, port: await wayFrom(clients[i]!, port, parts) })));
  const channels = await Promise.all(addresses.map((address) => createChannels(address, CHANNELS)));
  const ended = Promise.withResolvers<void>();
  const running = Promise.all(addresses.map((address, i) => traffic(address, channels[i]!, ended.promise)));
  parts.defer(async () => {
    ended.resolve();
    await running;
  });

  const browser = await launchChromium();
  parts.defer(() => browser.close());
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' })).newPage();
  const complaints = complaintsOf(page);
  const bodies = bodiesOf(page);
  await page.goto(nodes[1]!.adminUrl);

  await expect.poll(() => page.locator('main h1').filter({ visible: true }).textContent(), { timeout: WAIT_MS }).toBe('All 3 nodes are ready');
  expect([...(await column(page, 'Connections')).keys()]).toEqual(['bert', 'anna', 'cleo']);
  // Each of them works, by its own numbers, and the numbers move.
  await expect.poll(async () => [...(await column(page, 'Messages')).values()].every((text) => /^[1-9][\d,.]*\/s$/.test(text)), { timeout: WAIT_MS }).toBe(true);
  const before = await column(page, 'Messages');
  await expect.poll(async () => [...(await column(page, 'Messages'))].filter(([name, text]) => before.get(name) !== text).length, { timeout: WAIT_MS }).toBe(3);
  expect([...(await column(page, 'Connections')).values()]).toEqual(['2', '2', '2']);
  const chart = page.getByRole('img', { name: /^Messages: Accepted from [\d.,]+\/s to [\d.,]+\/s, last [1-9]/ });
  await chart.waitFor({ timeout: WAIT_MS });
  expect(await page.getByRole('region', { name: 'Storage' }).innerText()).toContain('Reached by all');
  await picture(page, 'real-three-relays');

  // One of the others, as it tells of itself.
  await page.getByRole('link', { name: 'cleo' }).click();
  await expect.poll(() => page.locator('.sentence').textContent(), { timeout: WAIT_MS }).toContain('cleo');
  await page.goBack();

  // It has heard of the others by the next full minute, for whoever opens the page later.
  const heard = async (): Promise<string[]> => (((await (await fetch(`${nodes[1]!.adminUrl}admin/history`)).json()) as History).others ?? []).map(({ node }) => node).sort();
  await expect.poll(heard, { timeout: 2 * WAIT_MS, interval: 1000 }).toEqual(['anna', 'cleo']);

  // What there is to see, and all that was sent for it.
  const seen = [await page.content(), ...(await Promise.all(bodies)), await said(nodes)].join('\n');
  const secrets = [...clients, ...secretsOf(channels.flat())];
  const foundIn = (text: string): readonly string[] => secrets.filter((secret) => text.includes(secret));
  expect(secrets.length).toBe(3 + 3 * CHANNELS * 6 * 3);
  expect(foundIn(seen)).toEqual([]);
  // What is looked for is what would be seen.
  expect(['bert', 'messagesSent', 'polyplex_smp_'].filter((word) => !seen.includes(word))).toEqual([]);

  // A node that dies is seen, and missed.
  await nodes[2]!.kill();
  await expect.poll(() => page.locator('main h1').filter({ visible: true }).textContent(), { timeout: WAIT_MS }).toBe('2 of 3 nodes are ready');
  await picture(page, 'real-three-relays-one-killed');
  expect(complaints).toEqual([]);
});
