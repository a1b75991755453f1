export { AUTH_LENGTHS, authenticatorKey, type AuthKind, authKindOf, authorize, verifyAuthenticator, verifySignature } from './authorization.ts';
export { type BlockCipher, encryptedBlocks, plainBlocks } from './block-cipher.ts';
export { giveBlock } from './block-pool.ts';
export { BATCH_SIZE_BYTES, BLOCK_SIZE_BYTES, type DeferredItem, encodeBatch, MAX_TRANSMISSION_BYTES, readBatch, splitBatches } from './block.ts';
export type { BlockConnection, CloseReason, ConnectionFacts, ConnectionHandlers } from './connection.ts';
export {
  certChainPubKey, type CertChainPubKey, clientHello, type ClientHello, type ClientService, handshakeBlock, openHandshakeBlock,
  PROXY_SERVER_VERSION, serverHello, type ServerHello, SERVICE_VERSION, serviceResponse, SESSION_KEY_VERSION,
} from './handshake.ts';
export { authKey, type AuthKey, dhKey } from './key-codecs.ts';
export { Outbox } from './outbox.ts';
export {
  type AddressText, formatAddress, hostKind, isServerPassword, parseAddress, serverAddress, type ServerAddress, serverPassword,
} from './server-address.ts';
export {
  authorizedBytes, authorizedView, IMPLIED_SESSION_VERSION, readTransmission, SERVICE_SIGNATURE_VERSION, signedPart, type Transmission,
  writeReplyHead, writeTransmission,
} from './transmission.ts';
export { isTransportError, TRANSPORT_ERRORS, type TransportError } from './transport-error.ts';
export { intersectVersions, versionIn, versionRange, type VersionRange } from './version-range.ts';
