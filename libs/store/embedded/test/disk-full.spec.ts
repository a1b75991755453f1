/** A disk that is full, read-only or gone: bodies and records. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ChunkStore, FileStore } from '@polyplex/store-contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDiskChunkStore, openEmbeddedFileStore } from '../src/index.ts';
import { type SmallDisk, smallDisk } from './small-disk.ts';
import { anyBodyId, bytes, contents, listed, never, newFile, newRecipient, sourceOf } from './uploads.ts';

const FULL = { name: 'StoreError', code: 'FULL' };
const MIB = 1024 * 1024;
const BODY = bytes(700_000);

let disk: SmallDisk;
beforeEach(() => {
  disk = smallDisk('8m');
});
afterEach(() => disk.remove());

describe('bodies on a small disk', () => {
  let chunks: ChunkStore;
  beforeEach(async () => {
    chunks = await openDiskChunkStore({ path: join(disk.path, 'bodies') });
  });
  afterEach(() => chunks.close());

  /** Writes until there is no room; answers what was written. */
  async function fill(): Promise<string[]> {
    for (const written: string[] = []; ; written.push(anyBodyId())) {
      const bodyId = written.at(-1);
      if (bodyId === undefined) continue;
      try {
        await chunks.write(bodyId, sourceOf(BODY), never());
      } catch (error) {
        expect(error).toMatchObject(FULL);
        expect(await chunks.read(bodyId)).toBeNull();
        return written.slice(0, -1);
      }
    }
  }

  test('that do not fit are FULL and leave nothing; the others stay, and removing one makes room', async () => {
    expect(await chunks.room()).toBeGreaterThan(7 * MIB);
    const written = await fill();
    expect(written.length).toBeGreaterThan(8);
    expect(await listed(chunks)).toEqual([...written].sort());
    for (const bodyId of written) expect(Buffer.compare((await contents(chunks, bodyId))!, BODY)).toBe(0);
    expect(await chunks.room()).toBeLessThan(BODY.length);
    await chunks.check();
    await chunks.remove(written[0]!);
    const next = anyBodyId();
    await chunks.write(next, sourceOf(BODY), never());
    expect(Buffer.compare((await contents(chunks, next))!, BODY)).toBe(0);
  });

  test('many at once on a full disk: each is whole or refused', async () => {
    const ids = Array.from({ length: 20 }, anyBodyId);
    const done = await Promise.allSettled(ids.map((bodyId) => chunks.write(bodyId, sourceOf(BODY), never())));
    const refused = done.filter((each) => each.status === 'rejected');
    expect(refused.length).toBeGreaterThan(8);
    for (const { reason } of refused) expect(reason).toMatchObject(FULL);
    const written = ids.filter((_, i) => done[i]!.status === 'fulfilled');
    expect(await listed(chunks)).toEqual(written.sort());
    for (const bodyId of written) expect(Buffer.compare((await contents(chunks, bodyId))!, BODY)).toBe(0);
  });

  test('cannot be written where it is read-only, and the check says so; they are still read', async () => {
    const bodyId = anyBodyId();
    await chunks.write(bodyId, sourceOf(BODY), never());
    disk.setReadOnly(true);
    await expect(chunks.check()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/cannot be written.*read-only/) as string });
    await expect(chunks.write(anyBodyId(), sourceOf(BODY), never())).rejects.toMatchObject({ name: 'StoreError' });
    expect(await contents(chunks, bodyId)).toHaveLength(BODY.length);
    disk.setReadOnly(false);
    await chunks.check();
    await chunks.write(anyBodyId(), sourceOf(BODY), never());
  });

  test('are not written to what is below when the disk is gone, and the check says so', async () => {
    const top = await openDiskChunkStore({ path: disk.path }).catch(() => null);
    expect(top, 'other files are in it').toBeNull();
    await chunks.close();
    disk.remove();
    disk = smallDisk('8m');
    chunks = await openDiskChunkStore({ path: disk.path });
    await chunks.write('some', sourceOf(BODY), never());
    disk.unmount();
    await expect(chunks.check()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/missing.*mount/) as string });
    for (const bodyId of ['some', 'other', 'third']) {
      await expect(chunks.write(bodyId, sourceOf(BODY), never())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
    expect(readdirSync(disk.path)).toEqual([]);
  });
});

describe('records on a small disk', () => {
  test('that do not fit are FULL; what was answered stays, and removing makes room', async () => {
    const files: FileStore = await openEmbeddedFileStore({ path: join(disk.path, 'files') });
    try {
      const first = newFile();
      await files.create(first, [newRecipient()]);
      await files.beginUpload(first.senderId, 'first', { quota: null, leaseMs: 60_000 });
      const made: Uint8Array[] = [];
      let refused = 0;
      for (let round = 0; round < 400 && refused === 0; round++) {
        const given = Array.from({ length: 20 }, () => newFile());
        const answers = await Promise.allSettled(given.map((file) => files.create(file, Array.from({ length: 10 }, newRecipient))));
        answers.forEach((answer, i) => {
          if (answer.status === 'fulfilled') made.push(given[i]!.senderId);
          else expect(answer.reason).toMatchObject(FULL);
        });
        refused = answers.filter(({ status }) => status === 'rejected').length;
      }
      expect(refused).toBeGreaterThan(0);
      expect(made.length).toBeGreaterThan(100);
      expect(await files.usage()).toEqual({ files: made.length + 1, uploaded: 0, bytes: first.size });
      expect(await files.commitUpload(first.senderId, 'first')).toBe('committed');
      expect((await files.expire(3601, made.length)).files).toBe(made.length);
      expect(await files.create(newFile(), [newRecipient()])).toBe('created');
    } finally {
      await files.close();
    }
  });
});
