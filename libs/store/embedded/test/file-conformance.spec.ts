/** The file store and the chunk store keep their contracts. */
import { MINUTE } from '@polyplex/base';
import { chunkStoreConformance, fileStoreConformance } from '@polyplex/store-conformance';
import { createFakeClock } from '@polyplex/testing';
import { openDiskChunkStore, openEmbeddedFileStore } from '../src/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

fileStoreConformance('embedded', async () => {
  const folder = temporaryFolder();
  const clock = createFakeClock();
  const open = () => openEmbeddedFileStore({ path: folder.path, clock });
  let store = await open();
  return {
    store,
    graceMs: MINUTE,
    advance: (ms) => Promise.resolve(clock.advance(ms)),
    reopen: async () => {
      await store.close();
      return (store = await open());
    },
    dispose: async () => {
      await store.close();
      folder.remove();
    },
  };
});

chunkStoreConformance('disk', async () => {
  const folder = temporaryFolder();
  const open = () => openDiskChunkStore({ path: folder.path });
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = await open());
    },
    dispose: async () => {
      await store.close();
      folder.remove();
    },
  };
});
