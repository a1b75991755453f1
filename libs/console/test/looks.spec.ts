/**
 * What the console looks like in every scene, on a desk and on a phone, by day and by night. Nothing may stick out to the
 * side; with CONSOLE_SCREENSHOTS=FOLDER the pictures are kept, to be looked at.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { startConsole } from './support/admin-port.ts';
import { DESKTOP, newPage, PHONE } from './support/browser.ts';
import { says } from './support/people.ts';
import { SCENES } from './support/scenes.ts';

vi.setConfig({ testTimeout: 120_000 });

const folder = process.env['CONSOLE_SCREENSHOTS'];
const LOOKS = [['desktop', DESKTOP, 'light'], ['desktop', DESKTOP, 'dark'], ['phone', PHONE, 'light'], ['phone', PHONE, 'dark']] as const;

async function picture(page: Page, name: string): Promise<void> {
  if (folder === undefined) return;
  const path = join(folder, name.replaceAll(' ', '-'));
  await page.screenshot({ path: `${path}.png`, fullPage: true });
  await page.screenshot({ path: `${path}-top.png` });
}

/** Of the live mark at the top; a second answer has come when it changes. */
async function twoAnswers(page: Page): Promise<void> {
  const fresh = page.locator('.fresh');
  await fresh.waitFor();
  const first = await fresh.textContent();
  await expect.poll(() => fresh.textContent(), { timeout: 20_000 }).not.toBe(first);
}

function widths(page: Page): Promise<{ readonly page: number; readonly window: number }> {
  return page.evaluate('({ page: document.documentElement.scrollWidth, window: innerWidth })');
}

async function fits(page: Page): Promise<void> {
  const width = await widths(page);
  expect(width.page).toBeLessThanOrEqual(width.window);
}

const optionsOf = (device: string, viewport: typeof DESKTOP, colorScheme: 'light' | 'dark') =>
  ({ viewport, colorScheme, isMobile: device === 'phone', ...(device === 'phone' ? { deviceScaleFactor: 2 } : {}) });

describe('a server that is gone', () => {
  it.each(LOOKS)('fits a %s of %o, %s', async (device, viewport, colorScheme) => {
    const server = await startConsole(SCENES['three relays']!());
    const page = await newPage(optionsOf(device, viewport, colorScheme));
    await page.goto(server.url);
    await twoAnswers(page);
    await server.stop();
    await says(page, 'The server does not answer');
    await picture(page, `a server that is gone ${device} ${colorScheme}`);
    await fits(page);
  });
});

describe('a server that asks for a token', () => {
  it.each(LOOKS)('fits a %s of %o, %s', async (device, viewport, colorScheme) => {
    const { url } = await startConsole({ ...SCENES['one relay']!(), token: 'right' });
    const page = await newPage(optionsOf(device, viewport, colorScheme));
    await page.goto(url);
    await says(page, 'This server asks for a token');
    await page.getByRole('textbox', { name: 'Token' }).fill('wrong');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').filter({ hasText: 'refused' }).waitFor();
    await picture(page, `a token ${device} ${colorScheme}`);
    await fits(page);
  });
});

describe.each(Object.entries(SCENES))('%s', (scene, saidIn) => {
  it.each(LOOKS)('fits a %s of %o, %s', async (device, viewport, colorScheme) => {
    const { url } = await startConsole(saidIn());
    const page = await newPage(optionsOf(device, viewport, colorScheme));
    await page.goto(url);
    await twoAnswers(page);
    await picture(page, `${scene} ${device} ${colorScheme}`);
    await fits(page);
  });
});
