export { connectionPair, type ConnectionPair, type ConnectionPairOptions, type PairedConnection, type PairSide } from './connection-pair.ts';
export { createFakeClock, FAKE_START_MS, type FakeClock } from './fake-clock.ts';
export { createMutator, type Mutator } from './mutator.ts';
