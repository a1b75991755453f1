/** The `FileRoom` contract: work files, files to be sent, files received; on a disk and in memory. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatBytes, utf8 } from '@polyplex/base';
import type { FileRoom, RoomSource } from '@polyplex/store-contract';
import { openFileRoom } from '@polyplex/store-embedded';
import { MemoryFileRoom } from '@polyplex/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polyplex-room-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

interface Opened {
  readonly room: FileRoom;
  /** As another process would find it. */
  reopen(): Promise<FileRoom>;
  write(path: string, content: Uint8Array): void;
  read(path: string): Uint8Array;
}

async function opened(kind: string): Promise<Opened> {
  if (kind === 'memory') {
    const room = new MemoryFileRoom();
    return { room, reopen: () => Promise.resolve(room), write: (path, content) => void room.files.set(path, content), read: (path) => room.files.get(path)! };
  }
  const reopen = (): Promise<FileRoom> => openFileRoom({ path: join(folder, 'room') });
  return { room: await reopen(), reopen, write: (path, content) => writeFileSync(path, content), read: (path) => Uint8Array.from(readFileSync(path)) };
}

async function contentOf(source: RoomSource): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.pieces()) pieces.push(Uint8Array.from(piece));
  return concatBytes(...pieces);
}

describe.each(['disk', 'memory'])('%s', (kind) => {
  test('a work file keeps what is written anywhere in it, also for the next process, until it is taken away', async () => {
    const { room, reopen } = await opened(kind);
    const work = await room.open('one_-1');
    await work.write(5, utf8('world'));
    await work.write(0, utf8('hello'));
    await work.sync();
    await work.close();
    const again = await (await reopen()).open('one_-1');
    expect(await again.read(3, 4)).toEqual(utf8('lowo'));
    expect(await room.list()).toEqual(['one_-1']);
    await again.clear();
    await again.write(0, utf8('x'));
    expect(await again.read(0, 1)).toEqual(utf8('x'));
    await again.close();
    await room.remove('one_-1');
    await room.remove('never');
    expect(await room.list()).toEqual([]);
  });

  test('a file to be sent is read whole, and known by name and size', async () => {
    const { room, write } = await opened(kind);
    const content = new Uint8Array(700_000).fill(3);
    write(join(folder, 'photo.jpg'), content);
    const source = (await room.source(join(folder, 'photo.jpg')))!;
    expect([source.name, source.size]).toEqual(['photo.jpg', 700_000]);
    expect(Buffer.compare(await contentOf(source), content)).toBe(0);
    write(join(folder, 'photo.jpg'), utf8('other'));
    expect((await room.source(join(folder, 'photo.jpg')))!.stamp).not.toBe(source.stamp);
    expect(await room.source(join(folder, 'nothing'))).toBeNull();
  });

  test('a received file gets a free name when it is whole, and nothing is written over', async () => {
    const { room, write, read } = await opened(kind);
    write(join(folder, 'a.tar.gz'), utf8('there before'));
    const output = room.output('one', folder);
    await output.write(utf8('he'));
    await output.write(utf8('llo'));
    const path = await output.finish('a.tar.gz');
    expect([read(path), read(join(folder, 'a.tar.gz'))]).toEqual([utf8('hello'), utf8('there before')]);
    expect(read(await room.output('two', folder).finish('empty'))).toEqual(new Uint8Array());
  });

  test('what was begun to be received is begun anew, and can be taken away by another process', async () => {
    const { room, reopen, read } = await opened(kind);
    const [first, second] = ['one', 'two'].map((id) => room.output(id, folder));
    await first!.write(utf8('half of a long file'));
    const output = (await reopen()).output('one', folder);
    await output.write(utf8('all'));
    expect(read(await output.finish('name'))).toEqual(utf8('all'));
    await second!.write(utf8('half'));
    await (await reopen()).output('two', folder).discard();
    // Only now do these processes end.
    for (const output of [first, second]) await output!.discard();
    if (kind === 'disk') expect(readdirSync(folder).toSorted()).toEqual(['name', 'room']);
  });
});

describe('on a disk', () => {
  test('only its owner may read it, and names lead nowhere else', async () => {
    const { room } = await opened('disk');
    await (await room.open('one')).close();
    expect(statSync(join(folder, 'room')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'room', 'one.work')).mode & 0o777).toBe(0o600);
    for (const id of ['../one', '', 'a/b', '.', 'ä']) await expect(room.open(id)).rejects.toMatchObject({ code: 'FAILED' });
    expect(() => room.output('../one', folder)).toThrow(expect.objectContaining({ code: 'FAILED' }));
  });

  test('what is shorter than it was is damaged, what cannot be read fails', async () => {
    const { room } = await opened('disk');
    const work = await room.open('one');
    await work.write(0, utf8('abc'));
    await expect(work.read(0, 4)).rejects.toMatchObject({ code: 'DAMAGED' });
    await work.close();
    await expect(work.write(0, utf8('x'))).rejects.toMatchObject({ name: 'StoreError' });
    expect(await room.source(folder)).toBeNull();
    writeFileSync(join(folder, 'file'), '');
    await expect(openFileRoom({ path: join(folder, 'file', 'room') })).rejects.toMatchObject({ name: 'StoreError' });
  });
});
