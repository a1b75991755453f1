/** The stores of which a sample of every released format is kept, as `make.ts` made it: `FORMAT/KIND.mdb.gz` and `FORMAT/told.json`. */
import { fillFiles, fillQueues, fillRecords, fillTokens, RECORDS_KEY, tellFiles, tellQueues, tellRecords, tellTokens } from '@polyplex/store-conformance/formats';
import { openEmbeddedFileStore, openEmbeddedStore, openRecordStore, openTokenStore } from '../../src/index.ts';

interface Sample {
  readonly kind: 'queue' | 'file' | 'token' | 'record';
  fill(path: string): Promise<void>;
  tell(path: string): Promise<unknown>;
}

function sample<S extends { close(): Promise<void> }>(kind: Sample['kind'], open: (path: string) => Promise<S>, steps: { readonly fill: (store: S) => Promise<void>; readonly tell: (store: S) => Promise<unknown> }): Sample {
  const using = async <T>(path: string, step: (store: S) => Promise<T>): Promise<T> => {
    const store = await open(path);
    return step(store).finally(() => store.close());
  };
  return { kind, fill: (path) => using(path, steps.fill), tell: (path) => using(path, steps.tell) };
}

export const SAMPLES: readonly Sample[] = [
  sample('queue', (path) => openEmbeddedStore({ path }), { fill: fillQueues, tell: tellQueues }),
  sample('file', (path) => openEmbeddedFileStore({ path }), { fill: fillFiles, tell: tellFiles }),
  sample('token', (path) => openTokenStore({ path }), { fill: fillTokens, tell: tellTokens }),
  sample('record', (path) => openRecordStore({ path, key: RECORDS_KEY }), { fill: fillRecords, tell: tellRecords }),
];
