/** Damages the data file of a closed store, and a queue to try it on. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FORMAT_VERSION } from '@polyplex/store-common';
import type { NewQueue } from '@polyplex/store-contract';

/** LMDB's pages: where the header tells what kind one is and how many rows it has; pointers to these follow it. */
const PAGE = { bytes: 4096, flags: 18, pointersEnd: 20, header: 24, leaf: 2 } as const;
const ROW_HEADER_BYTES = 8;

export const bytes = (length: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(length));

export function newQueue(parts: Partial<NewQueue> = {}): NewQueue {
  return {
    recipientId: bytes(24), recipientKeys: [{ kind: 'ed25519', raw: bytes(32) }], dhSecret: bytes(32), senderId: bytes(24),
    senderKey: null, mode: 'M', notifier: null, status: { state: 'active' }, serviceId: null, usedDay: 86_400, link: null,
    ...parts,
  };
}

export const newNotifier = (serviceId: Uint8Array | null) =>
  ({ notifierId: bytes(24), notifierKey: { kind: 'x25519', raw: bytes(32) }, dhSecret: bytes(32), serviceId }) as const;

/** Whether a page has a row whose key begins here; the same bytes may also lie in the unused part of any page. */
function isKeyOfRow(file: Buffer, at: number): boolean {
  const page = at - (at % PAGE.bytes);
  if (file.readUInt16LE(page + PAGE.flags) !== PAGE.leaf) return false;
  const rows = file.readUInt16LE(page + PAGE.pointersEnd) / 2;
  const pointers = Array.from({ length: rows }, (_, i) => file.readUInt16LE(page + PAGE.header + 2 * i));
  return pointers.some((pointer) => page + PAGE.header + pointer + ROW_HEADER_BYTES === at);
}

/** Where the value of a row begins, in every copy of its page. LMDB puts it right behind the key. */
function valuesOf(file: Buffer, key: Uint8Array): number[] {
  const found: number[] = [];
  const row = Buffer.concat([key, Buffer.from([FORMAT_VERSION])]);
  for (let at = file.indexOf(row); at >= 0; at = file.indexOf(row, at + 1)) {
    if (isKeyOfRow(file, at)) found.push(at + key.length);
  }
  if (found.length === 0) throw new RangeError('no such row');
  return found;
}

function rewrite(folder: string, change: (file: Buffer) => void): void {
  const path = join(folder, 'data.mdb');
  const file = readFileSync(path);
  change(file);
  writeFileSync(path, file);
}

/** Overwrites the beginning of the values of these rows. */
export function damageRows(folder: string, keys: readonly Uint8Array[]): void {
  rewrite(folder, (file) => {
    for (const key of keys) for (const at of valuesOf(file, key)) file.fill(0xff, at, at + 12);
  });
}

/** Makes the page with this row no page at all. */
export function damagePage(folder: string, key: Uint8Array): void {
  rewrite(folder, (file) => {
    for (const at of valuesOf(file, key)) file.writeUInt16LE(0, at - (at % PAGE.bytes) + PAGE.flags);
  });
}
