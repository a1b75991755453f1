export { checkCredentials, type CommandOf, encodeCommand, readCommand, type SmpCommand, smpCommands, type SmpCommandTag } from './commands.ts';
export { type Delivered, openDelivery, openNotification, sealDelivery, sealNotification } from './delivery.ts';
export { AUTH_ERROR, type BrokerError, commandError, PROHIBITED, type ProxyError, smpError, type SmpError, smpErrorText } from './errors.ts';
export {
  openForwarded, openForwardedResponse, openInner, openInnerResponse, sealForwarded, sealForwardedResponse, sealInner, sealInnerResponse,
} from './forwarding.ts';
export type { QueueRequest } from './new-queue.ts';
export {
  encodeReply, errorReply, messageTransmission, OK, readReply, replyForVersion, type ReplyOf, replyTransmission, type SmpReply, type SmpReplyTag,
} from './replies.ts';
export {
  BLOCK_ENCRYPTION_VERSION, CLIENT_VERSIONS, LEGACY_VERSIONS, maxBodyBytes, PROXIED_VERSIONS, PROXY_VERSION, RELAY_VERSIONS,
  SENDER_CAN_SECURE_VERSION, SMP_VERSIONS,
} from './versions.ts';
