/** What people do with the page. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from '@polyplex/crypto';
import type { BrowserContext, Page } from 'playwright-core';
import { openPage } from './browser.ts';
import { cleanup } from './file-server.ts';

export interface TestFile {
  readonly name: string;
  readonly content: Buffer;
}

export function randomFile(size: number, name = 'photo.bin'): TestFile {
  return { name, content: Buffer.from(randomBytes(size)) };
}

const TRANSFER_MS = 180_000;

export async function choose(page: Page, { name, content }: TestFile): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-chosen-'));
  cleanup(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), content);
  await page.locator('#file').setInputFiles(join(folder, name));
}

/** Waits for the link of what was chosen. */
export async function linkOf(page: Page): Promise<string> {
  await page.locator('#sent').waitFor({ state: 'visible', timeout: TRANSFER_MS });
  return (await page.locator('#link').textContent())!;
}

export async function upload(page: Page, file: TestFile): Promise<string> {
  await choose(page, file);
  return linkOf(page);
}

/** Opens a link and takes what comes. */
export async function download(link: string, profile?: BrowserContext): Promise<TestFile> {
  return receive(await openPage(link, profile));
}

export async function receive(page: Page): Promise<TestFile> {
  const [file] = await Promise.all([page.waitForEvent('download', { timeout: TRANSFER_MS }), page.locator('#download').click()]);
  return { name: file.suggestedFilename(), content: await readFile(await file.path()) };
}

/** Opens a link, tries to receive, and answers what the page says of the failure. */
export async function failureOn(page: Page): Promise<string> {
  await page.locator('#failed').waitFor({ state: 'visible', timeout: TRANSFER_MS });
  return (await page.locator('#failed-text').textContent())!;
}
