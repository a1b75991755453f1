export { binaryBatch, type ForwardedFrom, forwardedElement, type SignedBytes, signedElement } from './binary.ts';
export { type BodyPart, parseBody, parseConnInfo } from './body.ts';
export type {
  ChatLink, FileDescriptionPart, FileInvitation, LinkOwnerSignature, MessageContainer, MessageContent, MessageReference, MessageScope, Quote,
} from './content.ts';
export type {
  Acceptance, BusinessChat, EventName, EventParameters, GroupInvitation, GroupLinkInvitation, GroupLinkRejection, GroupRelayInvitation, MemberIdRole, MemberInfo, MemberIntroduction,
  MemberRestrictions, ProtocolEvent, SentEvent,
} from './event.ts';
export type { FormattedText, TextColor, TextFormat } from './formatted-text.ts';
export { bytesOfId, idOfBytes, newMessageId } from './ids.ts';
export type { JsonObject } from './json-codec.ts';
export {
  type ChatLinkData, type ContactLinkData, encodeChatLinkData, encodeRelayLinkData, formatGroupClientData, type GroupLinkData, parseChatLinkData, parseGroupClientData,
  parseRelayLinkData,
} from './link-data.ts';
export { parseMarkdown } from './markdown.ts';
export { type Fault, formatMessage, type ParsedMessage, parseForwarded, parseMessage, type ReceivedMessage, type SentMessage } from './message.ts';
export type { Allow, BotCommand, ContactPreferences, GroupFeature, GroupPreferences, GroupProfile, Profile, PublicGroup } from './profile.ts';
export { publicGroupOf } from './profile.ts';
export { groupAllows, type GroupFeatureName, redactProfile } from './redact.ts';
export { isAtLeast, type Role, ROLES } from './roles.ts';
export {
  channelBinding, contactBinding, formatMemberKey, isSignedBy, memberBinding, mustBeSigned, parseMemberKey, signMessage,
} from './signing.ts';
export { batchMessages, type BodyTarget, connInfoBody, messageBody } from './sending.ts';
export {
  MAX_CONN_INFO_BYTES, MAX_FILE_DESCRIPTION_CHARACTERS, MAX_MESSAGE_BYTES, MAX_POST_QUANTUM_CONN_INFO_BYTES, MAX_POST_QUANTUM_MESSAGE_BYTES,
  MAX_PROFILE_IMAGE_CHARACTERS, MAX_SHORT_DESCRIPTION_CHARACTERS,
} from './sizes.ts';
export { CHAT_VERSIONS, type ChatFeature, supports } from './versions.ts';
