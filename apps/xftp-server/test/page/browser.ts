/** A headless Chromium, one for all tests of a file; each test gets pages of its own, closed after it. */
import { launchChromium } from '@polyplex/testing';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { cleanup } from './file-server.ts';

let browser: Promise<Browser> | null = null;

afterAll(async () => {
  await (await browser)?.close();
  browser = null;
});

/** A profile of its own: pages of one share connections, pages of two do not. */
export async function newProfile(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  // The web certificate is nobody's.
  browser ??= launchChromium('--ignore-certificate-errors');
  const profile = await (await browser).newContext({ ignoreHTTPSErrors: true, acceptDownloads: true, ...options });
  cleanup(() => profile.close());
  return profile;
}

/** Opens a page; whatever the browser complains about, such as its content security policy, fails the test. */
export async function openPage(url: string, profile?: BrowserContext): Promise<Page> {
  const page = await (profile ?? (await newProfile())).newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message.text())) complaints.push(message.text());
  });
  cleanup(() => {
    if (complaints.length > 0) throw new Error(`the browser complains: ${complaints.join('; ')}`);
  });
  await page.goto(url);
  return page;
}

/** Requests that fail are what some tests are about, and no page is without a search for its icon. */
function isExpected(text: string): boolean {
  return text.startsWith('Failed to load resource');
}
