/** A headless Chromium for tests of pages, and what it complains about. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-headless-shell'];

function executable(): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin'];
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
  if (found === undefined) throw new Error('tests of pages need chromium: tools/install-test-parts.sh installs it');
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** With these arguments beside those that it needs anyway. The caller closes it. */
export async function launchChromium(...args: readonly string[]): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  // Its sandbox needs rights that containers do not have.
  return chromium.launch({ executablePath: executable(), args: ['--no-sandbox', ...args] });
}

/** What a page is sent, growing; empty for what was still on its way when it was closed, and was not read by anybody. */
export function bodiesOf(page: Page): readonly Promise<string>[] {
  const bodies: Promise<string>[] = [];
  page.on('response', (response) => void bodies.push(response.text().catch(() => '')));
  return bodies;
}

/** Errors of scripts and of the security policy, growing; requests that fail are not among them: some tests are about those. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  return complaints;
}
