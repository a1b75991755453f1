export { bodiesOf, complaintsOf, launchChromium } from './browser.ts';
export { connectionPair, type ConnectionPair, type ConnectionPairOptions, type PairedConnection, type PairSide } from './connection-pair.ts';
export { createFakeClock, FAKE_START_MS, type FakeClock } from './fake-clock.ts';
export { MemoryFileRoom } from './memory-file-room.ts';
export { MemoryRecordStore } from './memory-record-store.ts';
export { fileDescriptions } from './file-description-arbitrary.ts';
export { createMutator, type Mutator } from './mutator.ts';
export {
  deviceTokenArbitrary, ntfCommandArbitrary, ntfErrorArbitrary, ntfReplyArbitrary, ntfSubscriptionStatuses, ntfTokenStatuses, pushItems,
} from './ntf-wire-arbitrary.ts';
export { queueRequests, smpCommandArbitrary } from './smp-command-arbitrary.ts';
export { smpErrorArbitrary, smpReplyArbitrary } from './smp-reply-arbitrary.ts';
export {
  authKeys, byteStrings, certChainPubKeys, dhKeys, entityIds, hosts, passwords, publicKeys, serverAddresses, versionRanges,
} from './wire-arbitraries.ts';
export { xftpCommandArbitrary, xftpErrorArbitrary, xftpReplyArbitrary } from './xftp-wire-arbitrary.ts';
