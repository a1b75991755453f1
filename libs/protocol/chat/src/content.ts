/** What a message says, and what it refers to (directory §2.1, §2.6). Ids are opaque: unpadded base64url of bytes of any length. */
import { id } from './ids.ts';
import {
  anyObject, byType, count, flag, isJsonObject, type JsonCodec, jsonCodec, type JsonObject, lenient, optional, record, recordOf, text, textUpTo, time, word,
} from './json-codec.ts';
import { groupProfile, type GroupProfile, profile, type Profile } from './profile.ts';

export type MessageContent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'link'; readonly text: string; readonly preview: JsonObject }
  | { readonly type: 'image'; readonly text: string; readonly image: string }
  | { readonly type: 'video'; readonly text: string; readonly image: string; readonly duration: number }
  /** Seconds. */
  | { readonly type: 'voice'; readonly text: string; readonly duration: number }
  | { readonly type: 'file'; readonly text: string }
  | { readonly type: 'report'; readonly text: string; readonly reason: string }
  | { readonly type: 'chat'; readonly text: string; readonly chatLink: ChatLink; readonly ownerSig?: LinkOwnerSignature }
  /** Of a newer version: `json` is the whole object. */
  | { readonly type: 'unknown'; readonly text: string; readonly json: JsonObject };

export type ChatLink =
  | { readonly type: 'group'; readonly connLink: string; readonly groupProfile: GroupProfile }
  | { readonly type: 'contact'; readonly connLink: string; readonly profile: Profile; readonly business?: boolean }
  | { readonly type: 'invitation'; readonly invLink: string; readonly profile: Profile }
  /** Of a newer version: the whole object. */
  | { readonly type: 'unknown'; readonly json: JsonObject };

/** Whoever shares a link owns it: all three are unpadded base64url. */
export interface LinkOwnerSignature {
  /** Of the owners that the link tells of; absent: its root key. */
  readonly ownerId?: string;
  /** The chat that it was shared in, which the signed bytes begin with. */
  readonly chatBinding: string;
  readonly ownerSig: string;
}

export interface MessageReference {
  readonly msgId?: string;
  /** ISO 8601, UTC. */
  readonly sentAt: string;
  /** The quoted message was sent by the sender of this one. */
  readonly sent: boolean;
  /** Its author, in groups. */
  readonly memberId?: string;
}

export interface Quote {
  readonly msgRef: MessageReference;
  readonly content: MessageContent;
}

/** The support chat of one member. */
export interface MessageScope {
  readonly type: 'member';
  readonly memberId: string;
}

export interface FileDescriptionPart {
  readonly fileDescrText: string;
  readonly fileDescrPartNo: number;
  readonly fileDescrComplete: boolean;
}

export interface FileInvitation {
  readonly fileName: string;
  readonly fileSize: number;
  readonly fileDigest?: string;
  readonly fileConnReq?: string;
  readonly fileInline?: 'offer' | 'sent';
  readonly fileDescr?: FileDescriptionPart;
}

/** The parameters of `x.msg.new`. */
export interface MessageContainer {
  readonly content: MessageContent;
  readonly quote?: Quote;
  readonly forward?: boolean;
  readonly parent?: MessageReference;
  readonly file?: FileInvitation;
  readonly mentions?: Readonly<Record<string, { readonly memberId: string }>>;
  /** Seconds. */
  readonly ttl?: number;
  readonly live?: boolean;
  readonly scope?: MessageScope;
  readonly asGroup?: boolean;
}

type ContentOf<T extends MessageContent['type']> = Omit<Extract<MessageContent, { type: T }>, 'type'>;
type LinkOf<T extends ChatLink['type']> = Omit<Extract<ChatLink, { type: T }>, 'type'>;

const chatLink = byType<ChatLink>(
  {
    group: record<LinkOf<'group'>>({ connLink: text, groupProfile }),
    contact: record<LinkOf<'contact'>>({ connLink: text, profile, business: optional(flag) }),
    invitation: record<LinkOf<'invitation'>>({ invLink: text, profile }),
  },
  jsonCodec((json) => ({ type: 'unknown', json: anyObject.read(json) }), (link) => (link.type === 'unknown' ? link.json : {})),
);

const signatureFields = record<LinkOwnerSignature>({ ownerId: optional(id), chatBinding: id, ownerSig: id });
/** The first apps that signed called the binding `binding`. */
const linkOwnerSignature: JsonCodec<LinkOwnerSignature> = jsonCodec(
  (json) => signatureFields.read(isJsonObject(json) ? { ...json, chatBinding: json['chatBinding'] ?? json['binding'] } : json),
  (signature) => signatureFields.write(signature),
);

const onlyText = record<{ readonly text: string }>({ text });

/** What is shown of content that is not known. */
const unknownContent: JsonCodec<MessageContent> = jsonCodec(
  (json) => {
    const object = anyObject.read(json);
    return { type: 'unknown', text: typeof object['text'] === 'string' ? text.read(object['text']) : '', json: object };
  },
  (content) => (content.type === 'unknown' ? content.json : {}),
);

export const messageContent: JsonCodec<MessageContent> = byType<MessageContent>(
  {
    text: onlyText,
    link: record<ContentOf<'link'>>({ text, preview: anyObject }),
    image: record<ContentOf<'image'>>({ text, image: text }),
    video: record<ContentOf<'video'>>({ text, image: text, duration: count }),
    voice: record<ContentOf<'voice'>>({ text, duration: count }),
    file: onlyText,
    report: record<ContentOf<'report'>>({ text, reason: text }),
    chat: record<ContentOf<'chat'>>({ text, chatLink, ownerSig: lenient(linkOwnerSignature) }),
  },
  unknownContent,
);

const messageReference = record<MessageReference>({ msgId: optional(id), sentAt: time, sent: flag, memberId: optional(id) });
const quote = record<Quote>({ msgRef: messageReference, content: messageContent });

export const messageScope: JsonCodec<MessageScope> = record<MessageScope>({ type: word(['member']), memberId: id });

const MAX_FILE_NAME_CHARACTERS = 1_000;
export const fileName: JsonCodec<string> = textUpTo(MAX_FILE_NAME_CHARACTERS);

export const fileDescriptionPart: JsonCodec<FileDescriptionPart> = record<FileDescriptionPart>({ fileDescrText: text, fileDescrPartNo: count, fileDescrComplete: flag });

export const fileInvitation: JsonCodec<FileInvitation> = record<FileInvitation>({
  fileName,
  fileSize: count,
  fileDigest: optional(text),
  fileConnReq: optional(text),
  fileInline: lenient(word(['offer', 'sent'])),
  fileDescr: optional(fileDescriptionPart),
});

/** `true`, or what some clients say in its place. */
const forwardMark: JsonCodec<boolean> = jsonCodec((json) => (isJsonObject(json) ? true : flag.read(json)));

const MAX_MENTIONS = 50;
export const mentions = recordOf(record<{ readonly memberId: string }>({ memberId: id }), MAX_MENTIONS);

export const messageContainer: JsonCodec<MessageContainer> = record<MessageContainer>({
  content: messageContent,
  quote: optional(quote),
  forward: optional(forwardMark),
  parent: optional(messageReference),
  file: optional(fileInvitation),
  mentions: optional(mentions),
  ttl: optional(count),
  live: optional(flag),
  scope: optional(messageScope),
  asGroup: optional(flag),
});
