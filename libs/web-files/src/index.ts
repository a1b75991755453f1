export { failureOf, type FailureKind, type WebFailure } from './failure.ts';
export { fetchDial, type FetchDialOptions, type ServerOrigin } from './fetch-dial.ts';
export { isFileFragment, type LinkedFile, readFragment, receiveWebFile } from './receive-web-file.ts';
export { deleteWebFile, sendWebFile, type SendWebFileOptions, type SentWebFile } from './send-web-file.ts';
export type { WebTransferOptions } from './transfer-options.ts';
