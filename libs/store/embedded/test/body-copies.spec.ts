/** Copies of the bodies of a file server that is used meanwhile. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChunkStore } from '@polyplex/store-contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bodiesOfCopy, openDiskChunkStore, openEmbeddedFileStore } from '../src/index.ts';
import { smallDisk } from './small-disk.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { anyBodyId, bytes, contents, listed, never, newFile, newRecipient, sha256, sourceOf, sweptUp } from './uploads.ts';

let folder: ReturnType<typeof temporaryFolder>;
const path = (...names: string[]): string => join(folder.path, ...names);
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => folder.remove());

const idText = (id: Uint8Array): string => Buffer.from(id).toString('hex');

async function write(chunks: Pick<ChunkStore, 'write'>, size: number): Promise<{ readonly bodyId: string; readonly body: Uint8Array }> {
  const [bodyId, body] = [anyBodyId(), bytes(size)];
  await chunks.write(bodyId, sourceOf(body), never());
  return { bodyId, body };
}

/** Where a body lies. */
function fileOf(root: string, bodyId: string): string {
  return join(root, readdirSync(root, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith(`/${bodyId}`))!);
}

const inCopy = (root: string, bodyId: string): Promise<Uint8Array | null> => contents(bodiesOfCopy(root), bodyId);

test('records first, then bodies: every file that was answered before, and stays, has its body', async () => {
  const files = await openEmbeddedFileStore({ path: path('records') });
  const chunks = await openDiskChunkStore({ path: path('files') });
  const upload = async () => {
    const body = bytes(5000);
    const { senderId, ...file } = newFile({ size: body.length, digest: sha256(body) });
    const bodyId = anyBodyId();
    await files.create({ senderId, ...file }, [newRecipient()]);
    await files.beginUpload(senderId, bodyId, { quota: null, leaseMs: 60_000 });
    await chunks.write(bodyId, sourceOf(body), never());
    expect(await files.commitUpload(senderId, bodyId)).toBe('committed');
    return { senderId, bodyId, body };
  };
  const before = [];
  for (let i = 0; i < 24; i++) before.push(await upload());
  const removed = before.splice(0, 8);
  let goOn = true;
  const others = [
    (async () => {
      while (goOn) await upload();
    })(),
    (async () => {
      for (const { senderId } of removed) await files.remove(senderId).then(() => sweptUp(files, chunks));
    })(),
  ];
  mkdirSync(path('copy', 'records'), { recursive: true });
  await files.copyTo(path('copy', 'records', 'data.mdb'));
  await chunks.copyTo({ folder: path('copy', 'files') });
  goOn = false;
  await Promise.all(others);
  await Promise.all([files.close(), chunks.close()]);
  rmSync(path('files'), { recursive: true });

  const copy = await openEmbeddedFileStore({ path: path('copy', 'records') });
  const held = new Map<string, string>();
  for await (const { bodyId, senderId, digest, size } of copy.heldBodies()) {
    held.set(idText(senderId), bodyId);
    const body = await inCopy(path('copy', 'files'), bodyId);
    if (body === null) expect(removed.map((file) => file.bodyId)).toContain(bodyId);
    else expect([body.length, sha256(body)]).toEqual([size, digest]);
  }
  for (const { senderId, bodyId, body } of before) {
    expect(held.get(idText(senderId))).toBe(bodyId);
    expect(await inCopy(path('copy', 'files'), bodyId)).toEqual(Buffer.from(body));
  }
  await copy.close();
});

test('a copy is a second name where that is possible, and stays when the first is gone; what is unfinished is left out', async () => {
  const chunks = await openDiskChunkStore({ path: path('files') });
  const { bodyId, body } = await write(chunks, 3000);
  writeFileSync(`${fileOf(path('files'), bodyId)}2.part`, 'cut');
  const copied: number[] = [];
  await chunks.copyTo({ folder: path('copy'), onBody: (size, written) => copied.push(size, written) });
  expect(copied).toEqual([3000, 0]);
  expect(statSync(fileOf(path('copy'), bodyId)).ino).toBe(statSync(fileOf(path('files'), bodyId)).ino);
  expect(existsSync(`${fileOf(path('copy'), bodyId)}2.part`)).toBe(false);
  await chunks.remove(bodyId);
  expect(await inCopy(path('copy'), bodyId)).toEqual(Buffer.from(body));
  expect(await inCopy(path('copy'), anyBodyId())).toBeNull();
  const opened = await openDiskChunkStore({ path: path('copy') });
  expect(await listed(opened)).toEqual([bodyId]);
  await Promise.all([chunks.close(), opened.close()]);
});

test('on another file system bodies are copied, and the next copy has second names of those', async () => {
  const disk = smallDisk('16m');
  const [one, two] = [join(disk.path, 'one'), join(disk.path, 'two')];
  try {
    const chunks = await openDiskChunkStore({ path: path('files') });
    const written: number[] = [];
    const onBody = (_: number, copied: number): void => void written.push(copied);
    const first = await write(chunks, 3000);
    await chunks.copyTo({ folder: one, onBody });
    const second = await write(chunks, 2000);
    await chunks.copyTo({ folder: two, previous: one, onBody });
    expect(written.toSorted((a, b) => a - b)).toEqual([0, 2000, 3000]);
    expect(statSync(fileOf(two, first.bodyId)).ino).toBe(statSync(fileOf(one, first.bodyId)).ino);
    for (const { bodyId, body } of [first, second]) {
      expect(await inCopy(two, bodyId)).toEqual(Buffer.from(body));
      expect(statSync(fileOf(two, bodyId)).mode & 0o777).toBe(0o600);
    }
    await chunks.close();
  } finally {
    disk.remove();
  }
});

test('a full disk is told', async () => {
  const disk = smallDisk('1m');
  try {
    const chunks = await openDiskChunkStore({ path: path('files') });
    for (let i = 0; i < 4; i++) await write(chunks, 400_000);
    await expect(chunks.copyTo({ folder: join(disk.path, 'copy') })).rejects.toMatchObject({ code: 'FULL' });
    await chunks.close();
  } finally {
    disk.remove();
  }
});

test('a signal ends it, with its reason', async () => {
  const chunks = await openDiskChunkStore({ path: path('files') });
  for (let i = 0; i < 20; i++) await write(chunks, 10);
  const control = new AbortController();
  await expect(chunks.copyTo({ folder: path('copy'), signal: control.signal, onBody: () => control.abort(new Error('enough')) })).rejects.toThrow('enough');
  await chunks.close();
});

test('a body that cannot be read ends it', async () => {
  const chunks = await openDiskChunkStore({ path: path('files') });
  const file = fileOf(path('files'), (await write(chunks, 10)).bodyId);
  rmSync(file);
  symlinkSync(file, file);
  await expect(chunks.copyTo({ folder: path('copy') })).rejects.toMatchObject({ name: 'StoreError' });
  await chunks.close();
});
