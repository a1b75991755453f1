/** The model of a TokenStore keeps the contract itself; what tests of servers work on. */
import { createFakeClock } from '@polyplex/testing';
import { tokenStoreConformance } from '../src/index.ts';
import { createTokenModel } from '../src/tokens/model/token-model.ts';

tokenStoreConformance('model', async () => {
  const clock = createFakeClock();
  const store = createTokenModel(clock);
  return {
    store,
    now: () => clock.now(),
    advance: (ms) => Promise.resolve(clock.advance(ms)),
    peer: () => Promise.resolve(store.peer()),
    dispose: () => store.close(),
  };
}, { manyNodes: true, randomRuns: 20 });
