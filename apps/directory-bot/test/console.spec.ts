/** The console in a browser, on the admin port of a whole bot that people use: it says what waits and for whom, leads to the runbook, and names nobody. */
import { withClients } from '@polyplex/chat/test-support';
import { bodiesOf, complaintsOf, launchChromium } from '@polyplex/testing';
import { expect, test } from 'vitest';
import { withBots } from './support.ts';

const clients = withClients();
const bots = withBots(clients);
const WAIT_MS = 60_000;

test('shows the directory bot, what waits, and an administrator who has renamed', { timeout: 3 * WAIT_MS }, async () => {
  await using parts = new AsyncDisposableStack();
  const bot = await bots.start(await bots.newHome('console'), ['botDirectory.superUsers=1:alice']);
  parts.defer(() => bot.stop());
  const alice = await bots.person('alice', bot);
  const bob = await bots.person('bob', bot);
  const browser = await launchChromium();
  parts.defer(() => browser.close());
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' })).newPage();
  const complaints = complaintsOf(page);
  const bodies = bodiesOf(page);
  await page.goto(bot.adminUrl);
  await expect.poll(() => page.locator('main h1').filter({ visible: true }).textContent(), { timeout: WAIT_MS }).toBe('Ready');
  expect(await page.locator('.sentence').textContent()).toMatch(/^Directory bot here, version 1\.2\.3, up for /);
  const figure = (label: string): Promise<string | null> => page.locator('.figures div').filter({ hasText: label }).locator('dd').textContent();
  await expect.poll(() => figure('Contacts'), { timeout: WAIT_MS }).toBe('2');
  expect([await figure('Wait for approval'), await figure('Groups listed')]).toEqual(['0', '0']);
  const attention = page.getByRole('list', { name: 'To be looked at' });
  // A machine that does much else may lag.
  const items = async (): Promise<readonly string[]> => (await attention.getByRole('listitem').allInnerTexts()).filter((text) => !text.includes('event loop'));
  expect(await items()).toEqual([]);

  await bob.invites({ displayName: 'Gardening' });
  await alice.client.change((step) => step.setProfile({ displayName: 'alicia', fullName: '' }));
  await expect.poll(() => figure('Wait for approval'), { timeout: WAIT_MS }).toBe('1');
  await expect.poll(items, { timeout: WAIT_MS }).toEqual([expect.stringMatching(/1 administrator has no rights.*Runbook/s)]);
  await page.getByRole('img', { name: /^Groups: .*Wait for approval from 0 to 1, last 1/ }).waitFor({ timeout: WAIT_MS });
  await page.getByRole('img', { name: /^Relays: Own, connected from 1 to 1, last 1; Own from 1 to 1/ }).waitFor({ timeout: WAIT_MS });
  expect(await page.getByRole('region', { name: 'Storage' }).innerText()).toContain('Contacts, groups and registrations on this disk');

  const opened = page.waitForEvent('popup');
  await attention.getByRole('listitem').filter({ hasText: 'administrator' }).getByRole('link', { name: 'Runbook' }).click();
  const runbook = await opened;
  await expect.poll(() => runbook.locator('body').innerText(), { timeout: WAIT_MS }).toContain('reaches no administrator');
  await runbook.close();

  const seen = [await page.content(), ...(await Promise.all(bodies))].join('\n');
  expect(['alice', 'alicia', 'bob', 'Gardening'].filter((name) => seen.includes(name))).toEqual([]);
  expect(seen).toContain('adminsWithoutRights');
  expect(complaints).toEqual([]);
});
