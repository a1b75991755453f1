/** A headless Chromium, one for all tests of a file; each test gets pages of its own, closed after it. */
import { complaintsOf, launchChromium } from '@polyplex/testing';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { cleanup } from './cleanup.ts';

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

let browser: Promise<Browser> | null = null;

afterAll(async () => {
  await (await browser)?.close();
  browser = null;
});

/**
 * A page of nobody's profile, at no address yet. Whatever the browser complains about, such as its security policy, fails
 * the test, but what it must complain about, and then does.
 */
export async function newPage(options: BrowserContextOptions = {}, expected: RegExp | null = null): Promise<Page> {
  browser ??= launchChromium();
  const profile = await (await browser).newContext({ viewport: DESKTOP, locale: 'en-GB', ...options });
  cleanup(() => profile.close());
  const page = await profile.newPage();
  const complaints = complaintsOf(page);
  cleanup(() => {
    const others = complaints.filter((text) => expected === null || !expected.test(text));
    if (others.length > 0) throw new Error(`the browser complains: ${others.join('; ')}`);
    if (expected !== null && complaints.length === 0) throw new Error(`the browser does not complain as expected: ${String(expected)}`);
  });
  return page;
}

export async function openPage(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await newPage(options);
  await page.goto(url);
  return page;
}
