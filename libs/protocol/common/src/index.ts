export { AUTH_LENGTHS, authenticatorKey, type AuthKind, authKindOf, authorize, verifyAuthenticator, verifySignature } from './authorization.ts';
export { type BlockCipher, encryptedBlocks, plainBlocks } from './block-cipher.ts';
export { type BlockingInfo, blockingInfo, formatBlockingInfo, parseBlockingInfo } from './blocking-info.ts';
export { giveBlock, giveReceived, takeReceived } from './block-pool.ts';
export {
  BATCH_SIZE_BYTES, type Batching, type BatchItem, BLOCK_SIZE_BYTES, type DeferredItem, encodeBatch, MAX_TRANSMISSION_BYTES, readBatch, smpBatching, splitBatches,
} from './block.ts';
export type { BlockConnection, CloseReason, ConnectionFacts, ConnectionHandlers } from './connection.ts';
export { type CommandError, commandErrorWord, oneOf, readWord, textOfError } from './error-words.ts';
export {
  certChainPubKey, type CertChainPubKey, clientHello, type ClientHello, type ClientService, handshakeBlock, openHandshakeBlock,
  PROXY_SERVER_VERSION, serverHello, type ServerHello, SERVICE_VERSION, serviceResponse, SESSION_KEY_VERSION,
} from './handshake.ts';
export type { HttpConnection, HttpFacts, HttpHandlers, HttpRequest, HttpResponse } from './http-connection.ts';
export { authKey, type AuthKey, dhKey, ratchetKey } from './key-codecs.ts';
export { Outbox } from './outbox.ts';
export {
  type AddressText, formatAddress, hostKind, isServerPassword, parseAddress, oneHostServerAddress, serverAddress, type ServerAddress, serverPassword,
} from './server-address.ts';
export { bodiesOf, tagTable } from './tag-table.ts';
export {
  authorizedBytes, authorizedView, IMPLIED_SESSION_VERSION, readTransmission, SERVICE_SIGNATURE_VERSION, signedPart, type Transmission,
  writeReplyHead, writeTransmission,
} from './transmission.ts';
export { isTransportError, TRANSPORT_ERRORS, type TransportError } from './transport-error.ts';
export { intersectVersions, versionIn, versionRange, type VersionRange } from './version-range.ts';
