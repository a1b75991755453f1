/** What contacts, members and groups tell of themselves (directory §1.7). */
import { anyObject, byType, count, type JsonCodec, jsonCodec, lenient, listOf, optional, record, text, word } from './json-codec.ts';
import { type Role, role } from './roles.ts';
import { id } from './ids.ts';
import { DecodeError } from '@polyplex/codec';

export type Allow = 'always' | 'yes' | 'no';

/** An entry of a bot's menu. */
export type BotCommand =
  | { readonly type: 'command'; readonly keyword: string; readonly label: string; readonly params?: string }
  | { readonly type: 'menu'; readonly label: string; readonly commands: readonly BotCommand[] };

export interface ContactPreferences {
  readonly timedMessages?: { readonly allow: Allow; readonly ttl?: number };
  readonly fullDelete?: { readonly allow: Allow };
  readonly reactions?: { readonly allow: Allow };
  readonly voice?: { readonly allow: Allow };
  readonly files?: { readonly allow: Allow };
  readonly calls?: { readonly allow: Allow };
  readonly sessions?: { readonly allow: Allow };
  readonly commands?: readonly BotCommand[];
}

export interface Profile {
  readonly displayName: string;
  /** May be empty. */
  readonly fullName: string;
  readonly shortDescr?: string;
  /** A data URI. */
  readonly image?: string;
  readonly contactLink?: string;
  readonly peerType?: 'human' | 'bot';
  readonly preferences?: ContactPreferences;
  readonly description?: string;
}

/** A feature, and who may use it at least. */
export interface GroupFeature {
  readonly enable: 'on' | 'off';
  readonly role?: Role;
}

export interface GroupPreferences {
  readonly timedMessages?: { readonly enable: 'on' | 'off'; readonly ttl?: number };
  readonly directMessages?: GroupFeature;
  readonly fullDelete?: GroupFeature;
  readonly reactions?: GroupFeature;
  readonly voice?: GroupFeature;
  readonly files?: GroupFeature;
  readonly simplexLinks?: GroupFeature;
  readonly reports?: GroupFeature;
  readonly history?: GroupFeature;
  readonly sessions?: GroupFeature;
  readonly commands?: readonly BotCommand[];
}

export interface GroupProfile {
  readonly displayName: string;
  readonly fullName: string;
  readonly shortDescr?: string;
  /** The welcome message. */
  readonly description?: string;
  readonly image?: string;
  readonly groupPreferences?: GroupPreferences;
  readonly memberAdmission?: { readonly review?: string };
  /** Of channels and public groups: kept as it came. */
  readonly publicGroup?: Readonly<Record<string, unknown>>;
}

/** What makes a group a public one, or a channel (directory §1.7, §3.8). */
export interface PublicGroup {
  /** `channel`, `group`, or of a newer version. */
  readonly groupType: string;
  /** Short. */
  readonly groupLink: string;
  /** Never changes: unpadded base64url. */
  readonly publicGroupId: string;
  readonly publicGroupAccess?: {
    /** The SimpleX name that it claims to have, as `news.simplex`; that proves nothing. */
    readonly groupDomainClaim?: { readonly domain: string };
  };
}

const publicGroup = record<PublicGroup>({
  groupType: text,
  groupLink: text,
  publicGroupId: id,
  publicGroupAccess: lenient(record<NonNullable<PublicGroup['publicGroupAccess']>>({ groupDomainClaim: lenient(record<{ readonly domain: string }>({ domain: text })) })),
});

/** Null for ordinary groups, and where it says less than that. */
export function publicGroupOf({ publicGroup: json }: GroupProfile): PublicGroup | null {
  try {
    return json === undefined ? null : publicGroup.read(json);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

const MAX_COMMANDS = 100;

const commandEntry = record<Omit<Extract<BotCommand, { type: 'command' }>, 'type'>>({ keyword: text, label: text, params: optional(text) });
const menuEntry = record<Omit<Extract<BotCommand, { type: 'menu' }>, 'type'>>({
  label: text,
  commands: jsonCodec((json) => commands.read(json), (entries) => commands.write(entries)),
});
/** How deep menus nest is bounded with the JSON. */
const commands: JsonCodec<readonly BotCommand[]> = listOf(byType<BotCommand>({ command: commandEntry, menu: menuEntry }, null), MAX_COMMANDS);

interface Allowing {
  readonly allow: Allow;
}
const allow = word(['always', 'yes', 'no']);
const allowing = lenient(record<Allowing>({ allow }));

/** A preference that cannot be read is one that is not said. */
const contactPreferences = record<ContactPreferences>({
  timedMessages: lenient(record<Allowing & { readonly ttl?: number }>({ allow, ttl: optional(count) })),
  fullDelete: allowing,
  reactions: allowing,
  voice: allowing,
  files: allowing,
  calls: allowing,
  sessions: allowing,
  commands: lenient(commands),
});

export const profile: JsonCodec<Profile> = record<Profile>({
  displayName: text,
  fullName: text,
  shortDescr: optional(text),
  image: optional(text),
  contactLink: optional(text),
  peerType: lenient(word(['human', 'bot'])),
  preferences: lenient(contactPreferences),
  description: optional(text),
});

const enable = word(['on', 'off']);
const feature = lenient(record<GroupFeature>({ enable, role: optional(role) }));

export const groupPreferences: JsonCodec<GroupPreferences> = record<GroupPreferences>({
  timedMessages: lenient(record<NonNullable<GroupPreferences['timedMessages']>>({ enable, ttl: optional(count) })),
  directMessages: feature,
  fullDelete: feature,
  reactions: feature,
  voice: feature,
  files: feature,
  simplexLinks: feature,
  reports: feature,
  history: feature,
  sessions: feature,
  commands: lenient(commands),
});

export const groupProfile: JsonCodec<GroupProfile> = record<GroupProfile>({
  displayName: text,
  fullName: text,
  shortDescr: optional(text),
  description: optional(text),
  image: optional(text),
  groupPreferences: lenient(groupPreferences),
  memberAdmission: lenient(record<{ readonly review?: string }>({ review: lenient(text) })),
  publicGroup: lenient(anyObject),
});
