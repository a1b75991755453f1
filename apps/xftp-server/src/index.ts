export { type XftpConfig, xftpConfig, xftpRules, xftpSections } from './config/xftp-config.ts';
export { serverOptions } from './config/server-options.ts';
export { fileServerAddress } from './file-server-address.ts';
export { type FileServerFiles, filePasswordFile, readFilePassword, readFileServerFiles, readStoreSecrets } from './node-files.ts';
export { fileStoreFolder, fileStorePlace, holdsFiles, type OpenedStores, openStores } from './open-stores.ts';
export { createXftpNode, type XftpNode, type XftpNodeDeps } from './xftp-node.ts';
