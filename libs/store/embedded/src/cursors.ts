/** Cursors of walks over a table: the key to go on from, as text. */
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import { MAX_KEY_BYTES } from './keys.ts';

/** Sorts before every key. */
export const START = new Uint8Array([0]);

/** The key that a walk goes on from; throws FAILED for what no walk has answered. */
export function startOf(cursor: string | null): Uint8Array {
  const start = cursor === null ? START : fromBase64Url(cursor);
  if (start === null || start.length === 0 || start.length > MAX_KEY_BYTES) throw storeError('FAILED', undefined, 'not a cursor of this store');
  return start;
}

export function cursorAt(key: Uint8Array): string {
  return toBase64Url(key);
}

/** Goes on behind this key. */
export function cursorAfter(key: Uint8Array): string {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return toBase64Url(next);
}
