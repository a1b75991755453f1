/** Stores of every format that was ever released are opened and read the same; steps between formats are whole or not taken. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FORMAT_VERSION } from '@polyplex/store-common';
import { open, type RootDatabase } from 'lmdb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bringUpToDate, MARKS, type Migration, MIGRATIONS, readFormat } from '../src/format-version.ts';
import { inspectStore, openEmbeddedStore, openRecordStore, readRecords } from '../src/index.ts';
import { SAMPLES } from './formats/samples.ts';
import { temporaryFolder } from './temporary-folder.ts';

const RELEASED = Array.from({ length: FORMAT_VERSION }, (_, i) => i + 1);
const SAMPLES_FOLDER = join(import.meta.dirname, 'formats');

function folder(): string {
  const { path, remove } = temporaryFolder();
  onTestFinished(remove);
  return path;
}

/** A store's folder with the sample as its data file. */
function sampleFolder(format: number, kind: string): string {
  const path = join(folder(), kind);
  mkdirSync(path);
  writeFileSync(join(path, 'data.mdb'), gunzipSync(readFileSync(join(SAMPLES_FOLDER, String(format), `${kind}.mdb.gz`))));
  return path;
}

test('there is a sample of each store in every format, and a step from each to the next', () => {
  expect(readdirSync(SAMPLES_FOLDER).filter((name) => /^\d+$/.test(name)).map(Number).toSorted((a, b) => a - b)).toEqual(RELEASED);
  for (const format of RELEASED) expect(readdirSync(join(SAMPLES_FOLDER, String(format))).toSorted()).toEqual([...MARKS.map((mark) => `${mark}.mdb.gz`), 'told.json'].toSorted());
  for (const mark of MARKS) expect([mark, MIGRATIONS[mark].length]).toEqual([mark, FORMAT_VERSION - 1]);
});

describe.each(RELEASED)('format %d', (format) => {
  const told = JSON.parse(readFileSync(join(SAMPLES_FOLDER, String(format), 'told.json'), 'utf8')) as Readonly<Record<string, unknown>>;

  test.each(SAMPLES)('of a $kind store is looked at, opened, and read as it was written', async ({ kind, tell }) => {
    const path = sampleFolder(format, kind);
    expect(await inspectStore(path)).toMatchObject({ mark: kind, version: format });
    expect(await tell(path)).toEqual(told[kind]);
    expect(await inspectStore(path)).toMatchObject({ mark: kind, version: FORMAT_VERSION });
  });
});

describe('a look at a store', () => {
  test('finds nothing where nothing is, and makes nothing', async () => {
    const path = join(folder(), 'none');
    expect(await inspectStore(path)).toBeNull();
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });
  test('works while the store is open, and tells damage', async () => {
    const path = sampleFolder(1, 'queue');
    const store = await openEmbeddedStore({ path });
    expect(await inspectStore(path)).toMatchObject({ mark: 'queue' });
    await store.close();
    writeFileSync(join(path, 'data.mdb'), 'no store');
    await expect(inspectStore(path)).rejects.toMatchObject({ code: 'DAMAGED' });
  });
});

describe('a look at records', () => {
  const read = (path: string, key: Uint8Array): Promise<unknown> => readRecords(path, key, (records) => records.get('note', 'one'));
  const key = new Uint8Array(32).fill(1);

  test('reads what is committed while the store is open, under its own key alone', async () => {
    const path = folder();
    const store = await openRecordStore({ path, key });
    onTestFinished(() => store.close());
    await store.change((records) => records.put('note', 'one', 'first'));
    expect(await read(path, key)).toBe('first');
    await expect(read(path, key.toReversed().fill(2))).rejects.toMatchObject({ code: 'DAMAGED' });
  });
  test('finds nothing where nothing is, and makes nothing', async () => {
    const path = folder();
    expect([await read(path, key), readdirSync(path)]).toEqual([null, []]);
  });
});

describe('steps between formats', () => {
  const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

  function opened(path: string): RootDatabase {
    const root = open({ path: join(path, 'data.mdb'), noSubdir: true, maxDbs: 16, overlappingSync: false, ...BINARY });
    onTestFinished(() => root.close());
    return root;
  }

  const notes = (root: RootDatabase) => root.openDB<Buffer, string>({ name: 'notes', ...BINARY });
  const note = (text: string): Migration => (root) => void notes(root).putSync(text, Buffer.from(text));

  test('are taken in order, each once', () => {
    const root = opened(sampleFolder(1, 'queue'));
    const taken: number[] = [];
    const migrations: readonly Migration[] = [() => void taken.push(1), (each) => (taken.push(2), note('two')(each))];
    bringUpToDate(root, 'queue', { newest: 3, migrations });
    bringUpToDate(root, 'queue', { newest: 3, migrations });
    expect([taken, readFormat(root), notes(root).get('two')?.toString()]).toEqual([[1, 2], { mark: 'queue', version: 3 }, 'two']);
  });

  test('that fail leave what was before them, and go on from there', () => {
    const root = opened(sampleFolder(1, 'queue'));
    const broken: Migration = (each) => {
      note('half')(each);
      throw new RangeError('no');
    };
    expect(() => bringUpToDate(root, 'queue', { newest: 3, migrations: [note('one'), broken] })).toThrow('no');
    expect([readFormat(root)?.version, notes(root).get('one')?.toString(), notes(root).get('half')]).toEqual([2, 'one', undefined]);
    bringUpToDate(root, 'queue', { newest: 3, migrations: [broken, note('two')] });
    expect([readFormat(root)?.version, notes(root).get('two')?.toString()]).toEqual([3, 'two']);
  });

  test('are not taken for data of a newer format, or of another kind', () => {
    const root = opened(sampleFolder(1, 'queue'));
    bringUpToDate(root, 'queue', { newest: 2, migrations: [() => undefined] });
    expect(() => bringUpToDate(root, 'queue')).toThrow(/format 2, this release reads up to 1: use a newer one/);
    expect(() => bringUpToDate(root, 'file', { newest: 2, migrations: [() => undefined] })).toThrow(/another program/);
    expect(readFormat(root)).toEqual({ mark: 'queue', version: 2 });
  });
});
