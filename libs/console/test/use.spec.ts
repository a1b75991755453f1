/** The console by keyboard, for a screen reader, by day and night; and its charts. */
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { startConsole } from './support/admin-port.ts';
import { openPage } from './support/browser.ts';
import { changeable, says, WAIT_MS } from './support/people.ts';
import { SCENES } from './support/scenes.ts';

vi.setConfig({ testTimeout: 120_000 });

const focused = (page: Page) => page.evaluate('document.activeElement.textContent');
const scene = (name: string) => startConsole(SCENES[name]!());

describe('by keyboard', () => {
  it('one gets to a node, back to all, and there by its address', async () => {
    const { url } = await scene('three relays');
    const page = await openPage(url);
    await says(page, 'All 3 nodes are ready');
    for (let i = 0; i < 20 && (await focused(page)) !== 'relay-2'; i++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await says(page, 'Ready');
    expect(await page.locator('.sentence').innerText()).toContain('relay-2');
    await page.reload();
    await says(page, 'Ready');
    expect(await page.locator('.sentence').innerText()).toContain('relay-2');
    await page.goBack();
    await says(page, 'All 3 nodes are ready');
    await page.getByLabel('Node', { exact: true }).selectOption('relay-3');
    await says(page, 'Ready');
    expect(await page.locator('.sentence').innerText()).toContain('relay-3');
  });

  it('one reads a chart value by value', async () => {
    const { url } = await scene('one relay');
    const page = await openPage(url);
    const chart = page.getByRole('img', { name: /^Connections: Open from .* to .*, last / });
    await chart.waitFor();
    await chart.focus();
    const card = page.locator('.chart', { has: chart });
    const [now, when] = [() => card.locator('b').innerText(), () => card.locator('.when').innerText()];
    expect(await when()).toBe('');
    await page.keyboard.press('Home');
    await expect.poll(when, { timeout: WAIT_MS }).toMatch(/^\d\d:\d\d:\d\d$/);
    const first = await when();
    await page.keyboard.press('PageDown');
    await expect.poll(when, { timeout: WAIT_MS }).not.toBe(first);
    expect(await now()).toMatch(/^[\d,]+$/);
    // The others show the same moment.
    expect(await page.locator('.chart .when').first().innerText()).toBe(await when());
    await page.keyboard.press('Escape');
    await expect.poll(when, { timeout: WAIT_MS }).toBe('');
  });

  it('the focus stays where it is while numbers change', async () => {
    const { url } = await scene('three relays');
    const page = await openPage(url);
    await page.getByRole('link', { name: 'relay-2' }).focus();
    const fresh = await page.locator('.fresh').innerText();
    await expect.poll(() => page.locator('.fresh').innerText(), { timeout: WAIT_MS }).not.toBe(fresh);
    expect(await focused(page)).toBe('relay-2');
  });
});

describe('for a screen reader', () => {
  it('there are landmarks, headings in order, and names for all that can be used', async () => {
    const { url } = await scene('twelve relays in trouble');
    const page = await openPage(url);
    await says(page, '10 of 12 nodes are ready');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    for (const role of ['banner', 'main'] as const) expect(await page.getByRole(role).count()).toBe(1);
    const levels = await page.evaluate<number[]>("[...document.querySelectorAll('h1, h2, h3')].filter((each) => each.checkVisibility()).map((each) => Number(each.tagName.slice(1)))");
    expect(levels[0]).toBe(1);
    levels.slice(1).forEach((level, i) => expect(level - levels[i]!).toBeLessThanOrEqual(1));
    for (const name of ['Storage', 'Limits in force', 'Recent warnings', 'Certificates', 'Charts']) expect(await page.getByRole('region', { name }).count()).toBe(1);
    const nameless = await page.evaluate("[...document.querySelectorAll('a, button, select, input, [tabindex]')].filter((each) => (each.ariaLabel || each.textContent || each.labels?.[0]?.textContent || '').trim() === '').length");
    expect(nameless).toBe(0);
    expect(await page.getByRole('meter', { name: 'limits.connections' }).getAttribute('aria-valuenow')).toMatch(/^9[45]$/);
  });

  it('the state is announced, and not again while it is the same', async () => {
    const said = changeable();
    const { url } = await startConsole(said);
    const page = await openPage(url);
    await says(page, 'All 3 nodes are ready');
    await page.evaluate("window.changes = 0; new MutationObserver((list) => { window.changes += list.length; }).observe(document.querySelector('.condition'), { subtree: true, childList: true, characterData: true })");
    for (let i = 0; i < 2; i++) {
      const fresh = await page.locator('.fresh').innerText();
      await expect.poll(() => page.locator('.fresh').innerText(), { timeout: WAIT_MS }).not.toBe(fresh);
    }
    expect(await page.evaluate('window.changes')).toBe(0);
    said.change = (nodes) => nodes.map((node) => ({ ...node, notReady: ['the disk is full'] }));
    await expect.poll(() => page.getByRole('status').innerText(), { timeout: WAIT_MS }).toContain('No node is ready');
  });
});

describe('colours', () => {
  it('follow the system, or a choice that is kept; charts too', async () => {
    const { url } = await scene('one relay');
    const page = await openPage(url, { colorScheme: 'light' });
    await says(page, 'Ready');
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const line = () => page.evaluate("document.querySelector('canvas').toDataURL()");
    const [day, dayLine] = [await ground(), await line()];
    await page.emulateMedia({ colorScheme: 'dark' });
    const night = await ground();
    expect(night).not.toBe(day);
    await expect.poll(line, { timeout: WAIT_MS }).not.toBe(dayLine);
    await page.getByLabel('Colours').selectOption('Light');
    expect(await ground()).toBe(day);
    await page.reload();
    await says(page, 'Ready');
    expect(await ground()).toBe(day);
  });
});

describe('charts', () => {
  it('show the hour that the node remembers, or less', async () => {
    const { url } = await scene('one relay');
    const page = await openPage(url);
    const labels = () => page.locator('.chart').first().getByRole('img').getAttribute('aria-label');
    await expect.poll(labels, { timeout: WAIT_MS }).toMatch(/Accepted from \d+\/s to \d+\/s/);
    const hour = await labels();
    await page.getByLabel('5 min', { exact: true }).check();
    await expect.poll(labels, { timeout: WAIT_MS }).not.toBe(hour);
  });

  it('of less use are folded away on a phone', async () => {
    const { url } = await scene('one relay');
    const page = await openPage(url, { viewport: { width: 390, height: 844 }, isMobile: true });
    await says(page, 'Ready');
    expect(await page.getByRole('heading', { name: 'Memory' }).isVisible()).toBe(false);
    await page.getByText('More charts').click();
    const canvas = page.locator('.chart', { has: page.getByRole('heading', { name: 'Memory' }) }).locator('canvas');
    await expect.poll(async () => (await canvas.boundingBox())?.width, { timeout: WAIT_MS }).toBeGreaterThan(200);
  });
});
