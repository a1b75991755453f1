/** Opening: what is refused, with which code, and that it is left as it was. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { QueueRecord } from '@polyplex/store-contract';
import { openEmbeddedStore } from '../src/index.ts';
import { bytes, damageRows, newQueue } from './damage.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('opening the embedded store', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  let data: string;
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder.path, 'store');
    data = join(path, 'data.mdb');
  });
  afterEach(() => folder.remove());

  /** A store with one queue, closed. */
  async function made(): Promise<Uint8Array> {
    const store = await openEmbeddedStore({ path });
    const answer = await store.create(newQueue(), null);
    await store.close();
    return answer.status === 'ok' ? answer.queue.recipientId : bytes(0);
  }

  async function refusedWith(code: string, text: RegExp): Promise<void> {
    const before = readFileSync(data);
    await expect(openEmbeddedStore({ path })).rejects.toMatchObject(
      { name: 'StoreError', code, message: expect.stringMatching(text) as string },
    );
    expect(readFileSync(data).equals(before)).toBe(true);
  }

  test('makes a missing folder, for its owner only', async () => {
    await made();
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(readdirSync(path).sort()).toEqual(['data.mdb', 'data.mdb-lock', 'in-use.lock', 'reserve']);
  });

  test('refuses a folder with other files, and leaves it', async () => {
    mkdirSync(path);
    writeFileSync(join(path, 'letter.txt'), 'dear');
    await expect(openEmbeddedStore({ path })).rejects.toMatchObject(
      { code: 'DAMAGED', message: expect.stringMatching(/other files/) as string },
    );
    expect(readdirSync(path)).toEqual(['letter.txt']);
  });

  test.each([
    ['is empty', () => Buffer.alloc(0)],
    ['is text', () => Buffer.from('hello '.repeat(2000))],
    ['has lost its first page', (whole: Buffer) => Buffer.concat([Buffer.alloc(4096), whole.subarray(4096)])],
    ['has no second page', (whole: Buffer) => whole.subarray(0, 4096)],
    ['is cut in the middle', (whole: Buffer) => whole.subarray(0, whole.length / 2)],
    ['has lost its last byte', (whole: Buffer) => whole.subarray(0, whole.length - 1)],
  ])('refuses a data file that %s', async (_, damage) => {
    await made();
    writeFileSync(data, damage(readFileSync(data)));
    await refusedWith('DAMAGED', /data file is (not a store|cut short)/);
  });

  test('a row of garbage is DAMAGED when it is read, and the others stay readable', async () => {
    const [damaged, whole] = [await made(), await made()];
    damageRows(path, [damaged]);
    const store = await openEmbeddedStore({ path });
    const [lost, found] = await store.find('recipient', [damaged, whole]);
    expect(lost).toMatchObject({ name: 'StoreError', code: 'DAMAGED' });
    await expect(store.suspend({ recipientId: damaged, revision: 1 })).rejects.toMatchObject({ code: 'DAMAGED' });
    expect(await store.suspend(found as QueueRecord)).toMatchObject({ status: 'ok' });
    await store.close();
  });

  test('refuses an LMDB file of another program', async () => {
    mkdirSync(path);
    const other = open({ path: data, noSubdir: true });
    await other.openDB({ name: 'theirs' }).put('key', 'value');
    await other.close();
    await refusedWith('DAMAGED', /another program/);
  });

  test('refuses a newer format with advice', async () => {
    await made();
    const root = open({ path: data, noSubdir: true, encoding: 'binary', keyEncoding: 'binary' });
    const meta = root.openDB<Buffer, Uint8Array>({ name: 'meta', encoding: 'binary', keyEncoding: 'binary' });
    const mark = meta.get(Buffer.from('format'))!;
    mark[mark.length - 1] = 2;
    await meta.put(Buffer.from('format'), mark);
    await root.close();
    await refusedWith('DAMAGED', /format 2.*use a newer/);
  });

  test('begins again after an interrupted creation', async () => {
    mkdirSync(join(path, 'new'), { recursive: true });
    writeFileSync(join(path, 'new', 'data.mdb'), 'half');
    await made();
    expect(readdirSync(path)).not.toContain('new');
  });

  test('a copy of the data file alone is a whole store', async () => {
    const recipientId = await made();
    const copy = join(folder.path, 'copy');
    mkdirSync(copy);
    cpSync(data, join(copy, 'data.mdb'));
    const store = await openEmbeddedStore({ path: copy });
    expect((await store.find('recipient', [recipientId]))[0]).not.toBeNull();
    await store.close();
  });

  test('is refused while this process has it open, and allowed afterwards', async () => {
    const first = await openEmbeddedStore({ path });
    await expect(openEmbeddedStore({ path })).rejects.toMatchObject({ code: 'IN_USE' });
    await first.check();
    await first.close();
    await (await openEmbeddedStore({ path })).close();
  });

  test('is refused while another process has it open, until that is killed', async () => {
    const child = spawn(process.execPath, [
      fileURLToPath(new URL('appending-child.ts', import.meta.url)), path,
    ], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    await expect(openEmbeddedStore({ path })).rejects.toMatchObject({ code: 'IN_USE' });
    child.kill('SIGKILL');
    await once(child, 'close');
    const store = await openEmbeddedStore({ path });
    expect((await store.counts()).queues).toBeGreaterThan(0);
    await store.close();
  });

  test('a path that cannot be a folder is UNAVAILABLE', async () => {
    writeFileSync(path, 'a file');
    await expect(openEmbeddedStore({ path })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(openEmbeddedStore({ path: join(path, 'below') })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    truncateSync(path);
  });
});
