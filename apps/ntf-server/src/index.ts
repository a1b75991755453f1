export { type NtfConfig, ntfConfig, ntfRules, ntfSections } from './config/ntf-config.ts';
export { type PushProxyFiles, readPushProxyFiles } from './node-files.ts';
export { createNtfNode, type NtfNode, type NtfNodeDeps } from './ntf-node.ts';
export { holdsTokens, tokenStoreFolder, tokenStorePlace } from './open-store.ts';
export { newVapidKey, readVapidPublicKey } from './push-keys.ts';
export { pushProxyAddress } from './push-proxy-address.ts';
