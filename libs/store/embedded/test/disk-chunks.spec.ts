/** What only the disk's chunk store has: files, handles, flushes, and what an interrupted process leaves. */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOUR, MINUTE } from '@polyplex/base';
import type { ChunkStore } from '@polyplex/store-contract';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDiskChunkStore } from '../src/index.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { type Call, traceOf } from './trace.ts';
import { anyBodyId, bytes, contents, listed, never, sourceOf } from './uploads.ts';

const CHILD = fileURLToPath(new URL('body-durability-child.ts', import.meta.url));
const MARK = 'polyplex-bodies';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let clock: FakeClock;
let chunks: ChunkStore;
beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder.path, 'bodies');
  clock = createFakeClock(Date.now() + MINUTE);
  chunks = await openDiskChunkStore({ path, clock });
});
afterEach(async () => {
  await chunks.close();
  folder.remove();
});

async function written(size = 300_000): Promise<string> {
  const bodyId = anyBodyId();
  await chunks.write(bodyId, sourceOf(bytes(size)), never());
  return bodyId;
}

/** Where the file of a body lies. */
function fileOf(bodyId: string): string {
  const entry = readdirSync(path, { recursive: true, withFileTypes: true }).find(({ name }) => name === bodyId);
  return join(entry!.parentPath, bodyId);
}

/** The files in the store's folder that this process has open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(path) ? [target] : [];
    } catch {
      return []; // the handle of the listing itself
    }
  });
}

describe('the folder', () => {
  test('is its owner’s only, and has two levels that fill evenly', async () => {
    await Promise.all(Array.from({ length: 300 }, () => written(10)));
    expect(statSync(path).mode & 0o077).toBe(0);
    const found = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== MARK);
    expect(found).toHaveLength(300);
    for (const { parentPath, name } of found) {
      expect(parentPath.slice(path.length)).toMatch(/^\/[0-9a-f]{2}\/[0-9a-f]$/);
      expect(statSync(join(parentPath, name)).mode & 0o077).toBe(0);
    }
    expect(new Set(found.map(({ parentPath }) => parentPath)).size).toBeGreaterThan(200);
  });

  test('of others is refused and left as it is', async () => {
    const theirs = join(folder.path, 'theirs');
    mkdirSync(theirs);
    writeFileSync(join(theirs, 'letter.txt'), 'dear');
    await expect(openDiskChunkStore({ path: theirs })).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringMatching(/other files/) as string });
    expect(readdirSync(theirs)).toEqual(['letter.txt']);
  });

  test('that cannot be one is UNAVAILABLE', async () => {
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    for (const wrong of [file, join(file, 'below')]) await expect(openDiskChunkStore({ path: wrong })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('of a newer format is refused with advice', async () => {
    writeFileSync(join(path, MARK), readFileSync(join(path, MARK), 'latin1').replace('1', '2'));
    await expect(openDiskChunkStore({ path })).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringMatching(/format 2.*newer/) as string });
    writeFileSync(join(path, MARK), 'something else');
    await expect(openDiskChunkStore({ path })).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  test('may be opened by another process meanwhile, which sees the same', async () => {
    const other = await openDiskChunkStore({ path });
    const bodyId = await written();
    expect(await contents(other, bodyId)).toHaveLength(300_000);
    await other.remove(bodyId);
    expect(await chunks.read(bodyId)).toBeNull();
    await other.close();
  });
});

describe('what an interrupted write left', () => {
  test('is not readable, is listed when it is old, and is removed', async () => {
    const bodyId = await written();
    const file = fileOf(bodyId);
    await chunks.remove(bodyId);
    writeFileSync(`${file}.part`, bytes(1000));
    expect(await chunks.read(bodyId)).toBeNull();
    expect(await listed(chunks, 2 * HOUR)).toEqual([]);
    utimesSync(`${file}.part`, new Date(), new Date(Date.now() - 3 * HOUR));
    expect(await listed(chunks, 2 * HOUR)).toEqual([bodyId]);
    await chunks.remove(bodyId);
    expect(await listed(chunks)).toEqual([]);
  });

  test('beside the whole body is listed once', async () => {
    const bodyId = await written();
    writeFileSync(`${fileOf(bodyId)}.part`, 'half');
    expect(await listed(chunks)).toEqual([bodyId]);
    await chunks.remove(bodyId);
    expect(await listed(chunks)).toEqual([]);
  });

  test('a second write of a body under way is refused and does not disturb the first', async () => {
    const [bodyId, body] = [anyBodyId(), bytes(500_000)];
    const both = await Promise.allSettled([chunks.write(bodyId, sourceOf(body), never()), chunks.write(bodyId, sourceOf(bytes(500_000)), never())]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    if (both[0].status === 'fulfilled') expect(Buffer.compare((await contents(chunks, bodyId))!, body)).toBe(0);
    expect(await contents(chunks, bodyId)).toHaveLength(500_000);
  });

  test('files of others are never listed', async () => {
    const bodyId = await written();
    for (const name of ['a.txt', '.part', 'x'.repeat(65), `${bodyId}.part.part`]) writeFileSync(join(fileOf(bodyId), '..', name), '');
    writeFileSync(join(path, 'ff-notes'), '');
    expect(await listed(chunks)).toEqual([bodyId]);
  });
});

describe('file handles', () => {
  test('are closed at the end, when the reader leaves, when it throws, and when it lets go without reading', async () => {
    const bodyId = await written();
    await contents(chunks, bodyId);
    expect(openFiles()).toEqual([]);
    for await (const _ of (await chunks.read(bodyId))!.pieces) {
      expect(openFiles()).toHaveLength(1);
      break;
    }
    expect(openFiles()).toEqual([]);
    await expect((async () => {
      for await (const _ of (await chunks.read(bodyId))!.pieces) throw new RangeError('the peer is gone');
    })()).rejects.toThrow(RangeError);
    expect(openFiles()).toEqual([]);
    const iterator = (await chunks.read(bodyId))!.pieces[Symbol.asyncIterator]();
    expect(openFiles()).toHaveLength(1);
    await iterator.return?.();
    expect(openFiles()).toEqual([]);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test('are closed when nobody begins to read for a minute; then it is too late', async () => {
    const bodyId = await written();
    const [forgotten, begun] = [(await chunks.read(bodyId))!, (await chunks.read(bodyId))!];
    const iterator = begun.pieces[Symbol.asyncIterator]();
    await iterator.next();
    clock.advance(MINUTE - 1);
    expect(openFiles()).toHaveLength(2);
    clock.advance(1);
    await expect.poll(openFiles).toHaveLength(1);
    await expect(forgotten.pieces[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await iterator.next()).done).toBe(false); // slow is not too late
    await iterator.return?.();
    expect([openFiles().length, clock.pending]).toEqual([0, 0]);
  });

  test('of bodies that nobody reads yet are closed with the store; others are read to their end', async () => {
    const bodyId = await written();
    const [, begun] = [await chunks.read(bodyId), (await chunks.read(bodyId))!];
    const iterator = begun.pieces[Symbol.asyncIterator]();
    const first = (await iterator.next()).value as Uint8Array;
    await chunks.close();
    expect([openFiles().length, clock.pending]).toEqual([1, 0]);
    let length = first.length;
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) length += step.value.length;
    expect([length, openFiles().length]).toEqual([300_000, 0]);
  });

  test('are closed when a write fails', async () => {
    await expect(chunks.write(anyBodyId(), { ...sourceOf(bytes(1000)), size: 2000 }, never())).rejects.toMatchObject({ code: 'FAILED' });
    expect(openFiles()).toEqual([]);
  });
});

test('a name that is no body id is refused, and leads nowhere', async () => {
  writeFileSync(join(folder.path, 'secret'), 'secret');
  for (const name of ['../secret', '../../../secret', '', '.', 'a/b', 'a.part', 'x'.repeat(65), `a\n`]) {
    const refused = { name: 'StoreError', code: 'FAILED' };
    await expect(chunks.read(name)).rejects.toMatchObject(refused);
    await expect(chunks.write(name, sourceOf(bytes(10)), never())).rejects.toMatchObject(refused);
    await expect(chunks.remove(name)).rejects.toMatchObject(refused);
  }
  expect(readdirSync(folder.path).sort()).toEqual(['bodies', 'secret']);
});

test('a body that was cut short is DAMAGED where it ends', async () => {
  const bodyId = await written();
  const body = (await chunks.read(bodyId))!;
  truncateSync(fileOf(bodyId), 100_000);
  let length = 0;
  await expect((async () => {
    for await (const piece of body.pieces) length += piece.length;
  })()).rejects.toMatchObject({ name: 'StoreError', code: 'DAMAGED' });
  expect(length).toBe(100_000);
  expect(openFiles()).toEqual([]);
});

test('a body is answered after it was flushed under its first name, renamed, and its folder flushed', () => {
  const calls = traceOf(CHILD, folder.path);
  const begins = calls.filter(({ text }) => /^write\(1<.*"begin/.test(text));
  const answers = calls.filter(({ text }) => /^write\(1<.*"answered/.test(text));
  expect([begins.length, answers.length]).toEqual([3, 3]);
  begins.forEach(({ end: begin }, i) => {
    const within = calls.filter((call) => call.begin > begin && call.end < answers[i]!.begin);
    const find = (what: (call: Call) => boolean): Call[] => within.filter(what);
    const writes = find(({ name, text }) => /write/.test(name) && text.includes('.part>'));
    const flushes = find(({ name, text }) => name === 'fdatasync' && text.includes('.part>'));
    const renames = find(({ name, text }) => name.startsWith('rename') && text.includes('.part'));
    const folders = find(({ name, text }) => name === 'fsync' && /store\/[0-9a-f]{2}\/[0-9a-f]>/.test(text));
    expect(writes.length, 'the body is written').toBeGreaterThan(0);
    expect([flushes.length, renames.length], 'one flush of the body').toEqual([1, 1]);
    expect(writes.every((write) => write.end < flushes[0]!.begin), 'all is written before the flush').toBe(true);
    expect(flushes[0]!.end, 'the flush is before the new name').toBeLessThan(renames[0]!.begin);
    expect(folders.some((flush) => flush.begin > renames[0]!.end), 'the folder is flushed after the new name').toBe(true);
    const levels = find(({ name, text }) => name === 'fsync' && /store(\/[0-9a-f]{2})?>/.test(text));
    if (i === 0) expect(levels, 'new folders are durable, too').toHaveLength(2);
  });
});
