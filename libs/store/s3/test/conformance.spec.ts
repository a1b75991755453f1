/** The chunk store in S3 keeps its contract. */
import { randomUUID } from 'node:crypto';
import { type S3Server, startS3 } from '@polyplex/local-cluster';
import { chunkStoreConformance } from '@polyplex/store-conformance';
import { afterAll, beforeAll } from 'vitest';
import { openS3ChunkStore } from '../src/index.ts';
import { optionsFor } from './support.ts';

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());

chunkStoreConformance('S3', async () => {
  const prefix = randomUUID();
  const open = () => openS3ChunkStore(optionsFor(s3, { prefix }));
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = await open());
    },
    dispose: () => store.close(),
  };
});
