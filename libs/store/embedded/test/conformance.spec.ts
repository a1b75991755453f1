/** The engine keeps the contract. */
import { queueStoreConformance } from '@polyplex/store-conformance';
import { openEmbeddedStore } from '../src/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

queueStoreConformance('embedded', async () => {
  const folder = temporaryFolder();
  const open = () => openEmbeddedStore({ path: folder.path });
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
