/** The token store keeps its contract. */
import { tokenStoreConformance } from '@polyplex/store-conformance';
import { createFakeClock } from '@polyplex/testing';
import { openTokenStore } from '../src/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

tokenStoreConformance('embedded', async () => {
  const folder = temporaryFolder();
  const clock = createFakeClock();
  const open = () => openTokenStore({ path: folder.path, clock });
  let store = await open();
  return {
    store,
    now: () => clock.now(),
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
