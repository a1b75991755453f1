/** What transfers take: memory, connections; and what lists show. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HOUR, MINUTE } from '@polyplex/base';
import { type S3Server, startS3 } from '@polyplex/local-cluster';
import type { ChunkStore } from '@polyplex/store-contract';
import { createFakeClock } from '@polyplex/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openS3ChunkStore, type S3ChunkStoreOptions } from '../src/index.ts';
import { all, anyBodyId, contents, never, optionsFor, sourceOf } from './support.ts';

const MIB = 1024 * 1024;
const LARGE = 64 * MIB;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());

const opened: ChunkStore[] = [];
afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));

async function open(changes: Partial<S3ChunkStoreOptions> = {}): Promise<ChunkStore> {
  const store = await openS3ChunkStore(optionsFor(s3, changes));
  opened.push(store);
  return store;
}

/** Memory outside the heap that is still in use. */
function bufferBytes(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** This process's connections to the server, from `/proc/net/tcp`. */
function connections(): number {
  const remote = new RegExp(`:[0-9A-F]{4} 0100007F:${s3.port.toString(16).toUpperCase().padStart(4, '0')} 01 `);
  return readFileSync('/proc/net/tcp', 'utf8').split('\n').filter((line) => remote.test(line)).length;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

describe('memory', () => {
  test('of a write does not grow with its body, nor with the pieces of its source', async () => {
    const store = await open();
    const piece = new Uint8Array(4 * MIB).fill(7);
    let most = 0;
    const before = bufferBytes();
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let given = 0; given < LARGE; given += piece.length) {
        most = Math.max(most, bufferBytes() - before);
        yield piece;
        await Promise.resolve();
      }
    }
    await store.write(anyBodyId(), { size: LARGE, pieces: pieces() }, never());
    expect(most).toBeLessThan(MIB);
  });

  test('of a write whose S3 takes nothing does not grow', async () => {
    const store = await open();
    s3.pause();
    const aborter = new AbortController();
    let given = 0;
    const piece = new Uint8Array(16_384);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (; given < LARGE; given += piece.length) {
        yield piece;
        await Promise.resolve();
      }
    }
    const before = bufferBytes();
    const writing = store.write(anyBodyId(), { size: LARGE, pieces: pieces() }, aborter.signal);
    let last = -1;
    await expect.poll(() => given > 0 && given === last ? true : ((last = given), false), { interval: 300 }).toBe(true);
    expect(given).toBeLessThan(LARGE);
    expect(bufferBytes() - before).toBeLessThan(MIB);
    aborter.abort();
    await expect(writing).rejects.toThrow();
    s3.resume();
  });

  test('of a read does not grow while its reader waits', async () => {
    const store = await open();
    const bodyId = anyBodyId();
    await store.write(bodyId, sourceOf(new Uint8Array(LARGE).fill(7), MIB), never());
    const before = bufferBytes();
    let [length, pieces] = [0, 0];
    for await (const piece of (await store.read(bodyId))!.pieces) {
      length += piece.length;
      if (++pieces > 3) continue;
      await pause();
      expect(bufferBytes() - before).toBeLessThan(MIB);
    }
    expect(length).toBe(LARGE);
  });
});

describe('connections', () => {
  test('are let go of when the reader leaves, when nobody reads for a minute, and with the store', async () => {
    const clock = createFakeClock(Date.now());
    const store = await open({ clock });
    const bodyId = anyBodyId();
    await store.write(bodyId, sourceOf(new Uint8Array(LARGE), MIB), never());
    await expect.poll(connections, { timeout: 20_000 }).toBe(0); // idle ones are not kept for long
    const [left, forgotten, begun] = [(await store.read(bodyId))!, (await store.read(bodyId))!, (await store.read(bodyId))!];
    const iterator = begun.pieces[Symbol.asyncIterator]();
    let length = ((await iterator.next()).value as Uint8Array).length;
    expect(connections()).toBe(3);
    await left.pieces[Symbol.asyncIterator]().return?.();
    await expect.poll(connections).toBe(2);
    clock.advance(MINUTE);
    await expect.poll(connections).toBe(1);
    await expect(forgotten.pieces[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: 'StoreError', code: 'UNAVAILABLE' });
    const waiting = (await store.read(bodyId))!;
    await store.close();
    await expect(waiting.pieces[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect.poll(connections).toBe(1);
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) length += step.value.length;
    expect([length, clock.pending]).toEqual([LARGE, 0]);
    await expect.poll(connections).toBe(0);
  });

  test('are as many as the transfers', async () => {
    const store = await open();
    const ids = Array.from({ length: 200 }, anyBodyId);
    let begun = 0;
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const halves = (async function* (): AsyncGenerator<Uint8Array> {
      begun++;
      if (begun === ids.length) release();
      await released; // all of them, or none ends
      yield Buffer.from('body');
    });
    await Promise.all(ids.map((bodyId) => store.write(bodyId, { size: 4, pieces: halves() }, never())));
    await Promise.all(ids.map(async (bodyId) => expect(String(await contents(store, bodyId))).toBe('body')));
    await Promise.all(ids.map((bodyId) => store.remove(bodyId)));
  });
});

describe('the list', () => {
  test('goes over pages of a thousand', { timeout: 120_000 }, async () => {
    const store = await open({ prefix: 'many' });
    const ids = Array.from({ length: 1010 }, anyBodyId);
    for (let at = 0; at < ids.length; at += 50) {
      await Promise.all(ids.slice(at, at + 50).map((bodyId) => store.write(bodyId, sourceOf(new Uint8Array(1)), never())));
    }
    expect((await all(store.list(0))).sort()).toEqual([...ids].sort());
  });

  test('has only what lies directly below the prefix and is a body; of that what is old enough', async () => {
    const clock = createFakeClock(Date.now() + MINUTE);
    const [store, below, beside] = [await open({ prefix: '/a/b/', clock }), await open({ prefix: 'a/b/c' }), await open({ prefix: 'a/bc' })];
    const bodyId = anyBodyId();
    for (const where of [below, beside, store]) await where.write(bodyId, sourceOf(new Uint8Array(1)), never());
    await store.check(); // leaves an object that is no body
    expect(await all(store.list(0))).toEqual([bodyId]);
    expect(await all(store.list(HOUR))).toEqual([]);
    clock.advance(HOUR);
    expect(await all(store.list(HOUR))).toEqual([bodyId]);
  });

  test('is of the whole bucket where there is no prefix', async () => {
    const store = await open({ prefix: '' });
    const bodyId = anyBodyId();
    await store.write(bodyId, sourceOf(Buffer.from('top')), never());
    expect(await all(store.list(0))).toEqual([bodyId]);
    expect(String(await contents(store, bodyId))).toBe('top');
  });
});

test('a name that is no body id is refused, and leads nowhere', async () => {
  const store = await open();
  for (const name of ['../other', '', '.', '.check', 'a/b', 'a.b', 'x'.repeat(65), 'a\n']) {
    const refused = { name: 'StoreError', code: 'FAILED' };
    await expect(store.read(name)).rejects.toMatchObject(refused);
    await expect(store.write(name, sourceOf(new Uint8Array(10)), never())).rejects.toMatchObject(refused);
    await expect(store.remove(name)).rejects.toMatchObject(refused);
  }
});
