/** A listing on a port, and a browser that looks at it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { complaintsOf, launchChromium } from '@polyplex/testing';
import type { Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { readListingAssets } from '../../src/listing/listing-assets.ts';
import { type ListingContent, ListingFiles } from '../../src/listing/listing-files.ts';
import { serveListing } from '../../src/listing/serve-listing.ts';

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-listing-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface ServedListing {
  readonly url: string;
  readonly files: ListingFiles;
}

export async function startListing(content: ListingContent | null): Promise<ServedListing> {
  const assets = readListingAssets();
  if (assets === null) throw new Error('the page is not built: npm run build');
  const files = new ListingFiles(await newFolder());
  if (content !== null) await files.write(content, new Date());
  const server = await serveListing({ host: '127.0.0.1', port: 0, folder: files.current, assets });
  onTestFinished(() => server.close());
  return { url: server.url, files };
}

export async function openPage(url: string): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  const complaints = complaintsOf(page);
  await page.goto(url);
  return { page, complaints };
}

export function contentOf(entries: readonly object[], images: ListingContent['images'] = new Map()): ListingContent {
  return { listing: JSON.stringify({ entries }), promoted: JSON.stringify({ entries: [] }), images };
}
