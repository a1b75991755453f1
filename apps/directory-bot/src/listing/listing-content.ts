/** The listing as it is now, as texts and images. */
import { basename } from 'node:path';
import type { Chat } from '@polyplex/chat';
import { type Directory, type ListingEntry, type ListingImage, makeListing } from '@polyplex/directory';
import type { ListingContent } from './listing-files.ts';

/** So many groups are read in one step, which must be short: everything else waits for it. What changes meanwhile makes another listing. */
const GROUPS_IN_A_STEP = 50;

export async function listingContent(chat: Pick<Chat, 'change'>, directory: Pick<Directory, 'listed'>): Promise<ListingContent> {
  const groupIds = directory.listed();
  const listing: string[] = [];
  const promoted: string[] = [];
  const images = new Map<string, Uint8Array>();
  for (let from = 0; from < groupIds.length; from += GROUPS_IN_A_STEP) {
    const part = await chat.change((step) => makeListing(step, groupIds.slice(from, from + GROUPS_IN_A_STEP)));
    listing.push(...textsOf(part.listing.entries));
    promoted.push(...textsOf(part.promoted.entries));
    addImages(images, part.images);
  }
  return { listing: fileOf(listing), promoted: fileOf(promoted), images };
}

function textsOf(entries: readonly ListingEntry[]): readonly string[] {
  return entries.map((entry) => JSON.stringify(entry));
}

function addImages(images: Map<string, Uint8Array>, more: readonly ListingImage[]): void {
  for (const { path, bytes } of more) images.set(basename(path), bytes);
}

function fileOf(entries: readonly string[]): string {
  return `{"entries":[${entries.join(',')}]}`;
}
