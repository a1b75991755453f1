export { type AgentContent, agentContent, type AgentMessage, agentMessage } from './agent-message.ts';
export { type ConnectionRequest, connectionRequest, formatLink, type LinkScheme, parseLink } from './connection-request.ts';
export {
  type E2eOffer, e2eOffer, type E2eParameters, e2eParameters, formatE2eOffer, type KemParameters, kemParameters, parseE2eOffer,
} from './e2e-parameters.ts';
export {
  type AgentEnvelope, agentEnvelope, CLIENT_MESSAGE_BYTES, type ClientEnvelope, clientEnvelope, type ClientMessage, openClientMessage, sealClientMessage,
} from './envelope.ts';
export {
  authorizeOwner, contactLinkKeys, type FixedLinkData, type LinkFault, type LinkOwner, type OpenedLinkData, openLinkData, ownersHold, type SealedLinkData, sealLinkData,
  sealUserLinkData, type UserLinkData,
} from './link-data.ts';
export { type QueueAddress, type QueueInfo, queueInfo, type QueueMode, queueName, type QueueUri, queueUri } from './queue-address.ts';
export { formatQueueUri, parseQueueUri } from './queue-uri-text.ts';
export { type EncryptedHeader, encryptedHeader, ratchetHeader, type RatchetMessage, ratchetMessage, readRatchetMessage } from './ratchet-message.ts';
export { sameLink } from './same-link.ts';
export { parseQueueName, type QueueName } from './text-queue.ts';
export { type ContactKind, encodeShortLink, formatShortLink, LINK_ID_BYTES, LINK_KEY_BYTES, parseShortLink, type ShortLink, shortLink } from './short-link.ts';
export {
  AGENT_VERSIONS, CLIENT_VERSIONS, E2E_VERSIONS, KEM_VERSION, POST_QUANTUM_VERSION, QUEUE_MODE_VERSION, RATCHET_SYNC_VERSION, RECEIPTS_VERSION,
  SECURABLE_QUEUE_VERSION,
} from './versions.ts';
