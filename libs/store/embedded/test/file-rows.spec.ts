/** Nothing stays of what is gone: no row of any table but the counts. */
import { join } from 'node:path';
import { MINUTE } from '@polyplex/base';
import { createFakeClock } from '@polyplex/testing';
import { open } from 'lmdb';
import { expect, test } from 'vitest';
import { openEmbeddedFileStore } from '../src/index.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { anyBodyId, newFile, newRecipient } from './uploads.ts';

const TABLES = ['files', 'recipients', 'file-recipients', 'ages', 'bodies', 'due'];
const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** The number of rows of each table of a closed store. */
async function rows(folder: string): Promise<Record<string, number>> {
  const root = open({ path: join(folder, 'data.mdb'), noSubdir: true, ...BINARY });
  const found = TABLES.map((name) => [name, root.openDB<Buffer, Uint8Array>({ name, ...BINARY }).getCount()] as const);
  await root.close();
  return Object.fromEntries(found);
}

test('files that were removed, expired, given up and swept leave no rows', async () => {
  const folder = temporaryFolder();
  const clock = createFakeClock();
  const openStore = () => openEmbeddedFileStore({ path: folder.path, clock });
  let store = await openStore();
  const made = await Promise.all(Array.from({ length: 12 }, async (_, i) => {
    const file = newFile();
    const recipients = [newRecipient(), newRecipient()];
    const bodyId = anyBodyId();
    await store.create(file, recipients);
    await store.acknowledge(recipients[0]!.recipientId);
    for (let begun = 0; begun < 2; begun++) {
      clock.advance(1);
      await store.beginUpload(file.senderId, bodyId, { quota: null, leaseMs: MINUTE });
    }
    if (i % 3 > 0) await store.commitUpload(file.senderId, bodyId);
    return { ...file, bodyId };
  }));
  await store.close();
  expect(await rows(folder.path)).toEqual({ files: 12, recipients: 12, 'file-recipients': 12, ages: 12, bodies: 12, due: 4 });

  store = await openStore();
  for (const { senderId } of made.slice(0, 4)) await store.remove(senderId);
  for (const { senderId } of made.slice(4, 8)) await store.block(senderId, { reason: 'spam', notice: null });
  await store.expire(3601, 100);
  for (let round = 0; round < 2; round++) {
    clock.advance(2 * MINUTE);
    expect(await store.leftBodies(100)).toHaveLength(12);
  }
  await store.close();
  expect(await rows(folder.path)).toEqual({ files: 0, recipients: 0, 'file-recipients': 0, ages: 0, bodies: 12, due: 12 });

  store = await openStore();
  for (const { bodyId } of made) await store.discard(bodyId);
  expect(await store.usage()).toEqual({ files: 0, uploaded: 0, bytes: 0 });
  await store.close();
  expect(await rows(folder.path)).toEqual(Object.fromEntries(TABLES.map((name) => [name, 0])));
  folder.remove();
});
