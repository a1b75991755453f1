export { type SmpConfig, smpConfig, smpRules, smpSections } from './config/smp-config.ts';
export { serverOptions } from './config/server-options.ts';
export { type NodeFiles, readNodeFiles, readServerPassword } from './node-files.ts';
export { holdsData, openStore, storeFolder, storePlace } from './open-store.ts';
export { relayAddress } from './relay-address.ts';
export { createSmpNode, type SmpNode, type SmpNodeDeps } from './smp-node.ts';
