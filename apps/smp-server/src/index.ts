export { type SmpConfig, smpConfig } from './config/smp-config.ts';
export { serverOptions } from './config/server-options.ts';
export { type Identity, readIdentity } from './identity.ts';
export { NodeError, type NodeErrorCode } from './node-error.ts';
export { type NodeFiles, readNodeFiles, readServerPassword } from './node-files.ts';
export { nodeLogger } from './node-logger.ts';
export { relayAddress } from './relay-address.ts';
export { createSmpNode, type SmpNode, type SmpNodeDeps } from './smp-node.ts';
