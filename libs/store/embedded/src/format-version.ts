/**
 * The mark by which the engine knows its own data, the version of the format that it was made with, and the steps from an
 * older format to today's. Each step is one transaction together with its new mark: a process that ends in between goes on
 * from there, and never does a step twice.
 */
import { type Database, type RootDatabase } from 'lmdb';
import { FORMAT_VERSION, storeError } from '@polyplex/store-common';

/** Whose data it is. */
export const MARKS = ['queue', 'file', 'token', 'record'] as const;
export type Mark = (typeof MARKS)[number];

const KEY = Buffer.from('format', 'latin1');
const TABLE = { name: 'meta', encoding: 'binary', keyEncoding: 'binary' } as const;

/** Rewrites what the next format keeps otherwise, by `putSync` and `removeSync` alone. Values say their own format, so most have nothing to do. */
export type Migration = (root: RootDatabase) => void;

/** What a program does to old data: the first step leads from format 1 to format 2. */
interface Formats {
  readonly newest: number;
  readonly migrations: readonly Migration[];
}

/** By kind of store; each has a step less than there are formats. */
export const MIGRATIONS: Readonly<Record<Mark, readonly Migration[]>> = { queue: [], file: [], token: [], record: [] };

const bytesOf = (mark: Mark): Buffer => Buffer.from(`polyplex ${mark} store `, 'latin1');

/** Marks a new environment. */
export async function writeFormat(root: RootDatabase, mark: Mark): Promise<void> {
  await root.openDB<Buffer, Uint8Array>(TABLE).put(KEY, valueOf(mark, FORMAT_VERSION));
}

function valueOf(mark: Mark, version: number): Buffer {
  return Buffer.concat([bytesOf(mark), Buffer.from([version])]);
}

export interface FoundFormat {
  readonly mark: Mark;
  readonly version: number;
}

/** Null for what is no store of this engine. Changes nothing. */
export function readFormat(root: RootDatabase): FoundFormat | null {
  const only = { ...TABLE, create: false };
  const found = (root.openDB<Buffer, Uint8Array>(only) as Database<Buffer, Uint8Array> | undefined)?.get(KEY);
  if (found === undefined) return null;
  const mark = MARKS.find((each) => found.length === bytesOf(each).length + 1 && found.subarray(0, -1).equals(bytesOf(each)));
  return mark === undefined ? null : { mark, version: found.at(-1)! };
}

/** Throws DAMAGED when the environment is another program's or a newer release's, and changes nothing then; else brings it to the newest format. */
export function bringUpToDate(root: RootDatabase, mark: Mark, { newest, migrations }: Formats = { newest: FORMAT_VERSION, migrations: MIGRATIONS[mark] }): void {
  const found = readFormat(root);
  if (found?.mark !== mark) {
    throw storeError('DAMAGED', undefined, 'the data file belongs to another program: give the store a folder of its own');
  }
  if (found.version > newest || found.version < 1) {
    throw storeError(
      'DAMAGED', undefined, `the data has format ${found.version}, this release reads up to ${newest}: use a newer one`,
    );
  }
  const meta = root.openDB<Buffer, Uint8Array>(TABLE);
  for (let { version } = found; version < newest; version++) {
    root.transactionSync(() => {
      migrations[version - 1]!(root);
      meta.putSync(KEY, valueOf(mark, version + 1));
    });
  }
}
