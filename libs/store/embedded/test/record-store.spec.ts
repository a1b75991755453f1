/** Records of agents: the contract, at rest, and over the end of a process. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordStore } from '@polyplex/store-contract';
import { openRecordStore } from '@polyplex/store-embedded';
import { MemoryRecordStore } from '@polyplex/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const KEY = new Uint8Array(32).fill(7);
let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'polyplex-records-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

async function withStore(name: string, work: (store: RecordStore) => Promise<void>): Promise<void> {
  const store = name === 'memory' ? new MemoryRecordStore() : await openRecordStore({ path, key: KEY });
  await work(store).finally(() => store.close());
}

describe.each(['embedded', 'memory'])('%s', (name) => {
  test('keeps plain data of all kinds, as copies', () => withStore(name, async (store) => {
    const value = { text: 'ä', number: 1.5, none: null, yes: true, bytes: Uint8Array.of(1, 2), list: [Uint8Array.of(3), { deep: Uint8Array.of(4) }] };
    await store.change((records) => records.put('kind', 'key', value));
    const read = store.read((records) => records.get('kind', 'key')) as typeof value;
    expect(read).toEqual(value);
    read.bytes[0] = 9;
    expect(store.read((records) => records.get('kind', 'key'))).toEqual(value);
    expect(store.read((records) => [records.get('kind', 'other'), records.get('other', 'key')])).toEqual([undefined, undefined]);
  }));

  test('lists by kind and prefix, in order, with what the same change has put and removed', () => withStore(name, async (store) => {
    await store.change((records) => {
      for (const key of ['b/2', 'a/1', 'b/10', 'b/1']) records.put('kind', key, key);
      records.put('kind2', 'b/1', 'other');
    });
    const seen = await store.change((records) => {
      records.remove('kind', 'b/10');
      records.put('kind', 'b/15', 'b/15');
      return [records.list('kind', 'b/'), records.list('kind', 'b/', 2)].map((rows) => rows.map(({ key }) => key));
    });
    expect(seen).toEqual([['b/1', 'b/15', 'b/2'], ['b/1', 'b/15']]);
    expect(store.read((records) => records.list('kind', '')).map(({ value }) => value)).toEqual(['a/1', 'b/1', 'b/15', 'b/2']);
  }));

  test('a change that throws has changed nothing, and those beside it are made', () => withStore(name, async (store) => {
    const others = [1, 2, 3].map((n) => store.change((records) => records.put('kind', String(n), n)));
    await expect(store.change((records) => {
      records.put('kind', 'lost', true);
      throw new Error('no');
    })).rejects.toThrow('no');
    await Promise.all(others);
    expect(store.read((records) => records.list('kind', '')).map(({ value }) => value)).toEqual([1, 2, 3]);
  }));
});

test('random changes are as in memory, after opening again, too', async () => {
  const step = fc.record({ kind: fc.constantFrom('a', 'ab'), key: fc.constantFrom('x', 'x/1', 'x/2', 'y'), value: fc.option(fc.uint8Array({ maxLength: 300 })) });
  await fc.assert(fc.asyncProperty(fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 8 }), async (changes) => {
    const folder = mkdtempSync(join(path, 'one-'));
    const memory = new MemoryRecordStore();
    let store = await openRecordStore({ path: folder, key: KEY });
    for (const change of changes) {
      for (const each of [memory, store]) {
        await each.change((records) => change.forEach(({ kind, key, value }) => (value === null ? records.remove(kind, key) : records.put(kind, key, value))));
      }
    }
    await store.close();
    store = await openRecordStore({ path: folder, key: KEY });
    for (const kind of ['a', 'ab']) expect(store.read((records) => records.list(kind, ''))).toEqual(memory.read((records) => records.list(kind, '')));
    await store.close();
  }), { numRuns: 15 });
});

test('tells of itself, and when it takes nothing more', async () => {
  const store = await openRecordStore({ path, key: KEY });
  const first = store.facts().seconds.get('disk')!.count;
  await store.change((records) => records.put('kind', 'key', new Uint8Array(100_000)));
  expect([store.facts().shards, store.facts().seconds.get('disk')!.count - first]).toEqual([[expect.objectContaining({ name: 'disk', connected: true })], 1]);
  const { used, room } = await store.space();
  expect([used > 100_000, room > 0]).toEqual([true, true]);
  await store.check();
  await store.close();
  expect(store.facts().shards).toEqual([expect.objectContaining({ connected: false })]);
  await expect(store.check()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('values cannot be read at rest, nor with another key, nor in another\'s place', async () => {
  const store = await openRecordStore({ path, key: KEY });
  await store.change((records) => records.put('kind', 'key', 'a secret of the agent'));
  await store.close();
  expect(readFileSync(join(path, 'data.mdb')).includes('a secret of the agent')).toBe(false);
  await expect(openRecordStore({ path, key: new Uint8Array(32) })).rejects.toMatchObject({ code: 'DAMAGED' });
  const again = await openRecordStore({ path, key: KEY });
  expect(again.read((records) => records.get('kind', 'key'))).toBe('a secret of the agent');
  await again.close();
});
