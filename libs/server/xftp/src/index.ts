export type { FileControl } from './control.ts';
export { DEFAULT_OPTIONS, type XftpServerOptions } from './options.ts';
export { XftpStats } from './stats.ts';
export type { Page, Pages } from './web-rules.ts';
export { createXftpServer, type XftpGauges, type XftpServer, type XftpServerDeps } from './xftp-server.ts';
