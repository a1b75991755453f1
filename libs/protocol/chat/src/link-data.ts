/**
 * What the owner of a link says of itself, behind a short link and in a full one (directory §5): JSON in the user data of a link, which is
 * compressed where it is long, and the client data that tell a group's link from a contact's.
 */
import { concatBytes, textOf, utf8 } from '@polyplex/base';
import { DecodeError } from '@polyplex/codec';
import { compress, decompress } from './zstd.ts';
import { type MessageContent, messageContent } from './content.ts';
import { id } from './ids.ts';
import { count, flag, isJsonObject, type JsonCodec, type JsonObject, lenient, record, word } from './json-codec.ts';
import { parseJson } from './message.ts';
import { groupProfile, type GroupProfile, profile, type Profile } from './profile.ts';
import { MAX_DECOMPRESSED_BYTES, MAX_PLAIN_LINK_DATA_BYTES } from './sizes.ts';

/** Of an address, or of an invitation. */
export interface ContactLinkData {
  readonly profile: Profile;
  /** What who asks is told beforehand. */
  readonly message?: MessageContent;
  readonly business?: boolean;
}

export interface GroupLinkData {
  readonly groupProfile: GroupProfile;
  /** Of public groups. */
  readonly publicGroupData?: { readonly publicMemberCount?: number };
}

export type ChatLinkData = ContactLinkData | GroupLinkData;

const contactLinkData = record<ContactLinkData>({ profile, message: lenient(messageContent), business: lenient(flag) });
const groupLinkData = record<GroupLinkData>({ groupProfile, publicGroupData: lenient(record<{ readonly publicMemberCount?: number }>({ publicMemberCount: lenient(count) })) });

/** What a chat relay tells of itself at the link by which a channel is joined. */
interface RelayLinkData {
  readonly relayProfile: Profile;
}

const relayLinkData = record<RelayLinkData>({ relayProfile: profile });

/** User data of a relay's link. */
export function encodeRelayLinkData(relayProfile: Profile): Uint8Array {
  return utf8(JSON.stringify(relayLinkData.write({ relayProfile })));
}

/** Null where it is nothing of the kind. */
export function parseRelayLinkData(data: Uint8Array): Profile | null {
  return orNull(() => {
    const json = linkJson(data);
    return json === null ? null : relayLinkData.read(json).relayProfile;
  });
}

function linkJson(data: Uint8Array): JsonObject | null {
  if (data.length > MAX_DECOMPRESSED_BYTES) return null;
  const source = textOf(data[0] === COMPRESSED ? decompress(data.subarray(1)) : data);
  const json = source === null ? undefined : parseJson(source);
  return isJsonObject(json) ? json : null;
}

const COMPRESSED = 0x58; // "X"

/** User data of a link. What is too long for it is refused where the link is sealed. Throws `TOO_LARGE` above 65536 bytes. */
export function encodeChatLinkData(data: ChatLinkData): Uint8Array {
  const json = 'groupProfile' in data ? groupLinkData.write(data) : contactLinkData.write(data);
  const plain = utf8(JSON.stringify(json));
  return plain.length > MAX_PLAIN_LINK_DATA_BYTES ? concatBytes(Uint8Array.of(COMPRESSED), compress(plain)) : plain;
}

/** Null where it is nothing of the kind. */
export function parseChatLinkData(data: Uint8Array): ChatLinkData | null {
  return orNull(() => {
    const json = linkJson(data);
    if (json === null) return null;
    return (json['groupProfile'] ?? null) === null ? contactLinkData.read(json) : groupLinkData.read(json);
  });
}

interface GroupClientData {
  readonly type: 'group';
  readonly groupLinkId: string;
}

const groupClientData: JsonCodec<GroupClientData> = record<GroupClientData>({ type: word(['group']), groupLinkId: id });

/** The client data of a group's full link. */
export function formatGroupClientData(groupLinkId: string): string {
  return JSON.stringify(groupClientData.write({ type: 'group', groupLinkId }));
}

/** The id of the group's link; null for the client data of another link. */
export function parseGroupClientData(data: string): string | null {
  return orNull(() => groupClientData.read(parseJson(data)).groupLinkId);
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
