/** The console in a browser, on a real admin port: what it says when things change, and what it lets pass. */
import { describe, expect, it, vi } from 'vitest';
import { startConsole } from './support/admin-port.ts';
import { newPage, openPage } from './support/browser.ts';
import { changeable, nodeRows, says, WAIT_MS, word } from './support/people.ts';
import { saidBy, SCENES } from './support/scenes.ts';

vi.setConfig({ testTimeout: 120_000 });

describe('the state of things', () => {
  it('is said first, with the reasons', async () => {
    const { url } = await startConsole(SCENES['a relay that is not ready']!());
    const page = await openPage(url);
    await says(page, 'Not ready');
    expect(await page.getByRole('list', { name: 'To be looked at' }).innerText()).toContain('Not ready: the store does not answer');
    expect(await page.title()).toBe('Not ready · relay-1 · Polyplex');
    expect(await page.locator('link[rel=icon]').getAttribute('href')).toBe('console/icon-bad.svg');
  });

  it('follows what nodes tell, and keeps in sight who is gone', async () => {
    const said = changeable();
    const { url } = await startConsole(said);
    const page = await openPage(url);
    await says(page, 'All 3 nodes are ready');
    said.change = (nodes) => nodes.slice(0, 2);
    await says(page, '2 of 3 nodes are ready');
    expect((await nodeRows(page))[2]).toMatch(/^relay-3 Gone – – – – –/);
    said.change = (nodes) => nodes.map((node, i) => (i === 1 ? { ...node, state: 'draining', notReady: ['draining'] } : node));
    await says(page, '2 of 3 nodes are ready');
    await expect.poll(async () => (await nodeRows(page))[1], { timeout: WAIT_MS }).toMatch(/^relay-2 Draining/);
    said.change = (nodes) => nodes.filter((_node, i) => i !== 1);
    await expect.poll(async () => (await nodeRows(page))[1], { timeout: WAIT_MS }).toMatch(/^relay-2 Stopped/);
    await says(page, 'All 2 nodes are ready');
  });

  it('is still told of this node when the others cannot be asked', async () => {
    const said = changeable();
    const { url } = await startConsole({ ...said, fleet: () => ({ ...said.fleet(), complete: false, nodes: said.fleet().nodes.slice(0, 1) }) });
    const page = await openPage(url);
    await says(page, 'Ready');
    expect(await page.getByRole('list', { name: 'To be looked at' }).innerText()).toContain('Other nodes could not be asked');
  });

  it('goes by the clock of the server, not by that of the browser', async () => {
    const { url } = await startConsole(SCENES['one relay']!());
    const page = await newPage();
    await page.clock.install({ time: Date.now() + 30 * 86_400_000 });
    await page.goto(url);
    await says(page, 'Ready');
    expect(await page.locator('.sentence').innerText()).toContain('up for 3 d 4 h');
    expect(await page.locator('.certificates').innerText()).toContain('in 1 y 4');
  });

  it('of another service on the same machine is seen, and a click away', async () => {
    const { url } = await startConsole(SCENES['a relay and a file server']!());
    const page = await openPage(url);
    await says(page, 'Ready');
    await page.getByRole('link', { name: 'XFTP file server : Draining' }).click();
    await says(page, 'Draining');
    await page.getByRole('heading', { name: 'Traffic' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Queues', exact: true }).count()).toBe(0);
  });
});

describe('when the server does not answer', () => {
  it('it says so, says from when the rest is, and goes on when it is back', async () => {
    const server = await startConsole(SCENES['one relay']!());
    const page = await openPage(server.url);
    await says(page, 'Ready');
    await server.stop();
    await says(page, 'The server does not answer');
    expect(await page.locator('.sentence').innerText()).toMatch(/What is below is from \d\d:\d\d:\d\d/);
    expect(await page.title()).toContain('The server does not answer');
    expect(await page.locator('.fresh').innerText()).toMatch(/^Last answer/);
    await server.restart();
    await says(page, 'Ready');
  });

  it('and never did, nothing is made up', async () => {
    const server = await startConsole(SCENES['one relay']!());
    const page = await newPage();
    await page.route('**/admin/**', (route) => route.abort());
    await page.goto(server.url);
    await says(page, 'The server does not answer');
    expect(await page.locator('main').innerText()).not.toMatch(/\d/);
  });

  it.each([
    [403, '', 'The server refuses'], [429, '', 'The server refuses'], [503, '', 'The server refuses'], [404, '', 'The server refuses'],
    [200, '{"nodes":[{"service":"smp"}]}', 'The server refuses'], [200, '<html>', 'The server does not answer'],
  ])('%i %s: %s', async (status, body, expected) => {
    const server = await startConsole(SCENES['one relay']!());
    const page = await newPage();
    await page.route('**/admin/**', (route) => route.fulfill({ status, body, contentType: 'application/json' }));
    await page.goto(server.url);
    await says(page, expected);
  });
});

describe('a hidden page', () => {
  it('asks nothing until it is looked at again', async () => {
    const { url } = await startConsole(SCENES['one relay']!());
    const page = await newPage();
    await page.clock.install();
    let asked = 0;
    page.on('request', (request) => (asked += Number(request.url().endsWith('/admin/fleet'))));
    await page.goto(url);
    await says(page, 'Ready');
    await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))");
    const before = asked;
    await page.clock.runFor(60_000);
    expect(asked).toBe(before);
    await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))");
    await expect.poll(() => asked, { timeout: WAIT_MS }).toBeGreaterThan(before);
  });
});

describe('a token', () => {
  it('is asked for, refused when wrong, kept by the tab, and forgotten', async () => {
    const { url } = await startConsole({ ...changeable(1), token: 'right' });
    const page = await openPage(url);
    await says(page, 'This server asks for a token');
    expect(await page.evaluate('document.activeElement.id')).toBe('token');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'The server refused this token.' }).waitFor();
    await page.getByRole('textbox', { name: 'Token' }).fill('right');
    await page.getByRole('button', { name: 'Open' }).click();
    await says(page, 'Ready');
    await page.reload();
    await says(page, 'Ready');
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0);
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await says(page, 'This server asks for a token');
    expect(await page.locator('.charts').first().isVisible()).toBe(false);
    expect(await page.locator('main').innerText()).not.toContain('relay-1');
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });
});

describe('what servers say', () => {
  const EVIL = '<img src=x onerror="document.title=1"><script>alert(1)</script>&amp;';

  it('is text, whatever it looks like', async () => {
    const said = changeable();
    said.change = (nodes) => nodes.map((node, i) => ({
      ...node, node: i === 0 ? EVIL : node.node, version: EVIL, notReady: [EVIL], address: EVIL,
      warnings: [{ at: node.at, level: 'error', message: EVIL, count: 2 }], limits: [{ setting: EVIL, value: 1, used: 1, unit: 'count' }],
      stores: node.stores.map((store) => ({ ...store, shards: store.shards.map((shard) => ({ ...shard, name: EVIL })) })),
    }));
    const { url } = await startConsole(said);
    const page = await openPage(url);
    await says(page, 'No node is ready');
    for (const place of ['.attention', '.nodes', '.sentence', '.warnings', '.limits', '.places']) {
      expect(await page.locator(place).first().innerText()).toContain(EVIL);
    }
    await page.getByRole('row').getByRole('link', { name: EVIL }).click();
    await says(page, 'Not ready');
    expect(await page.locator('img, main script').count()).toBe(0);
    expect(await page.evaluate('decodeURIComponent(location.hash)')).toBe(`#smp/${EVIL}`);
    expect(await page.title()).toContain(EVIL);
  });

  it('can be long and a lot without breaking the page', async () => {
    const said = saidBy({
      service: 'smp', count: 64, engine: 'redis',
      change: (node, i) => ({ ...node, node: `${'very-long-name-of-a-node-'.repeat(4)}${String(i)}`, warnings: Array.from({ length: 100 }, (_, j) => ({ at: node.at, level: 'warn', message: `${'word'.repeat(60)} ${String(j)}`, count: 1e9 })) }),
    });
    const { url } = await startConsole(said);
    const page = await openPage(url, { viewport: { width: 390, height: 844 }, isMobile: true });
    await says(page, 'All 64 nodes are ready');
    expect(await page.locator('.warnings li').count()).toBe(50);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  });

  it('may lack what another version does not know', async () => {
    const said = changeable(1);
    said.change = (nodes) => nodes.map((node) => ({ ...node, gauges: {}, counters: {}, rates: {}, latencies: {}, stores: [], limits: [], certificates: [] }));
    const { url } = await startConsole(said);
    const page = await openPage(url);
    await says(page, 'Ready');
    expect(await page.getByText('None is told of.').isVisible()).toBe(true);
    expect(await word(page).count()).toBe(1);
  });
});
