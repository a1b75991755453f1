export { maxTransmissionBytes, NTF_BLOCK_BYTES, ntfBatching, ntfBlocks } from './block.ts';
export { checkCredentials, encodeCommand, type NotifierKey, type NtfCommand, type NtfCommandOf, ntfCommands, type NtfCommandTag, readCommand } from './commands.ts';
export {
  type ApnsDeviceToken, type ApnsProvider, deviceOf, deviceToken, type DeviceToken, PROVIDER_NAMES, type ProviderName, type WebPushDeviceToken, webPushOrigin,
} from './device-token.ts';
export { AUTH_ERROR, commandError, ntfError, type NtfError, ntfErrorText, PROHIBITED, QUOTA_ERROR } from './errors.ts';
export { ntfClientHello, type NtfClientHello, ntfHandshakeBlock, ntfServerHello, type NtfServerHello } from './handshake.ts';
export { isP256Point } from './p256.ts';
export {
  APNS_PADDED_BYTES, CHECK_PUSH_DATA, messagePushData, type OpenedPush, openPush, openPushData, parsePushItems, type PushData, type PushItem, pushItemsText,
  pushItemText, type PushSealing, sealPush, verificationPushData, WEB_PUSH_PADDED_BYTES,
} from './push.ts';
export { encodeReply, errorReply, type NtfReply, type NtfReplyOf, type NtfReplyTag, OK, PONG, readReply, replySuitsEntity } from './replies.ts';
export { INVALID_REASONS, type InvalidReason, type NtfSubscriptionStatus, type NtfTokenStatus, subscriptionStatus, tokenStatus } from './statuses.ts';
export { type Addressed, readNtfTransmission, replyTransmission, writeNtfTransmission } from './transmission.ts';
export { BATCHING_VERSION, INVALID_REASON_VERSION, LEGACY_NTF_VERSIONS, NTF_VERSIONS } from './versions.ts';
