export { connectionPair, type ConnectionPair, type ConnectionPairOptions, type PairedConnection, type PairSide } from './connection-pair.ts';
export { createFakeClock, FAKE_START_MS, type FakeClock } from './fake-clock.ts';
export { createMutator, type Mutator } from './mutator.ts';
export { queueRequests, smpCommandArbitrary } from './smp-command-arbitrary.ts';
export { smpErrorArbitrary, smpReplyArbitrary } from './smp-reply-arbitrary.ts';
export {
  authKeys, byteStrings, certChainPubKeys, dhKeys, entityIds, hosts, passwords, publicKeys, serverAddresses, versionRanges,
} from './wire-arbitraries.ts';
