/** The mark by which the engine knows its own data, and the version of the format that it was made with. */
import { type Database, type RootDatabase } from 'lmdb';
import { storeError } from './store-failure.ts';
import { FORMAT_VERSION } from './value-formats.ts';

const MARK = Buffer.from('polyplex queue store ', 'latin1');
const KEY = Buffer.from('format', 'latin1');
const TABLE = { name: 'meta', encoding: 'binary', keyEncoding: 'binary' } as const;

/** Marks a new environment. */
export async function writeFormat(root: RootDatabase): Promise<void> {
  await root.openDB<Buffer, Uint8Array>(TABLE).put(KEY, Buffer.concat([MARK, Buffer.from([FORMAT_VERSION])]));
}

/** Throws DAMAGED when the environment is another program's or a newer release's. Changes nothing. */
export function checkFormat(root: RootDatabase): void {
  const only = { ...TABLE, create: false };
  const mark = (root.openDB<Buffer, Uint8Array>(only) as Database<Buffer, Uint8Array> | undefined)?.get(KEY);
  if (mark?.length !== MARK.length + 1 || !mark.subarray(0, MARK.length).equals(MARK)) {
    throw storeError('DAMAGED', undefined, 'the data file belongs to another program: give the store a folder of its own');
  }
  const version = mark[MARK.length]!;
  if (version > FORMAT_VERSION) {
    throw storeError(
      'DAMAGED', undefined, `the data has format ${version}, this release reads up to ${FORMAT_VERSION}: use a newer one`,
    );
  }
}
