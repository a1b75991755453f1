/** Responses and events of SMP, one row each (SMP §5.6), with what older versions get in their place. */
import { utf8 } from '@polyplex/base';
import {
  bool, byVersion, bytes, char, type Codec, codec, DecodeError, fields, mapped, maybe, Reader, safeInt64, shortString, since, sp, tail, Writer,
} from '@polyplex/codec';
import type { BoxKey } from '@polyplex/crypto';
import { certChainPubKey, type DeferredItem, dhKey, IMPLIED_SESSION_VERSION, versionRange, writeReplyHead } from '@polyplex/protocol-common';
import { type Delivered, SEALED_BODY_BYTES, sealDeliveryInto } from './delivery.ts';
import { smpError, type SmpError } from './errors.ts';
import { linkDataBody } from './new-queue.ts';
import {
  BLOCKED_VERSION, DELETED_EVENT_VERSION, NOTICE_VERSION, NOTIFIER_IN_NEW_VERSION, SENDER_CAN_SECURE_VERSION, SHORT_LINKS_VERSION,
} from './versions.ts';

type Mode = 'M' | 'C' | null;

const noMode: Codec<Mode> = codec<Mode>(
  () => null,
  () => undefined,
);
const secureMode: Codec<Mode> = mapped<boolean, Mode>(
  bool,
  (secure) => (secure ? 'M' : 'C'),
  (mode) => mode === 'M',
);

/** Version 16 brought services, and SOK with them. */
const SERVICE_VERSION = 16;

const smpReplies = {
  /** IDS = "IDS" SP recipientId ‖ senderId ‖ dhKey, then by version: mode, link id, service id, notifier */
  IDS: fields({
    recipientId: shortString,
    senderId: shortString,
    dhKey,
    mode: byVersion<Mode>([0, noMode], [SENDER_CAN_SECURE_VERSION, secureMode], [SHORT_LINKS_VERSION, maybe(char('M', 'C'))]),
    linkId: since(SHORT_LINKS_VERSION, maybe(shortString), null),
    serviceId: since(SERVICE_VERSION, maybe(shortString), null),
    notifier: since(NOTIFIER_IN_NEW_VERSION, maybe(fields({ notifierId: shortString, dhKey })), null),
  }),
  /** SOK = "SOK" SP maybe serviceId; "OK" below version 16 */
  SOK: fields({ serviceId: maybe(shortString) }),
  /** SOKS = "SOKS" SP int64 count */
  SOKS: fields({ count: safeInt64 }),
  /** MSG = "MSG" SP msgId ‖ encrypted body */
  MSG: fields({ msgId: shortString, body: tail }),
  /** NID = "NID" SP notifierId ‖ dhKey */
  NID: fields({ notifierId: shortString, dhKey }),
  /** LNK = "LNK" SP senderId ‖ fixedData ‖ userData */
  LNK: fields({ senderId: shortString, data: linkDataBody }),
  /** INFO = "INFO" SP JSON */
  INFO: fields({ json: tail }),
  /** PKEY = "PKEY" SP relaySessionId ‖ version range ‖ chain and signed key of the relay */
  PKEY: fields({ sessionId: shortString, versions: versionRange, key: certChainPubKey }),
  PRES: fields({ encResponse: tail }),
  RRES: fields({ encFwdResponse: tail }),
  /** NMSG = "NMSG" SP nonce(24) ‖ encMeta */
  NMSG: fields({ nonce: bytes(24), encMeta: shortString }),
  END: null,
  /** ENDS = "ENDS" SP int64 count */
  ENDS: fields({ count: safeInt64 }),
  DELD: null,
  OK: null,
  PONG: null,
  ERR: fields({ error: smpError }),
} as const;

export type SmpReplyTag = keyof typeof smpReplies;
type BodyOf<T extends SmpReplyTag> = (typeof smpReplies)[T] extends Codec<infer B> ? B : object;
export type ReplyOf<T extends SmpReplyTag> = { readonly tag: T } & BodyOf<T>;
export type SmpReply = { [T in SmpReplyTag]: ReplyOf<T> }[SmpReplyTag];

export const OK: SmpReply = { tag: 'OK' };

export function errorReply(error: SmpError): SmpReply {
  return { tag: 'ERR', error };
}

/** What a session of an older version is told instead. */
export function replyForVersion(reply: SmpReply, version: number): SmpReply {
  if (reply.tag === 'SOK' && version < SERVICE_VERSION) return OK;
  if (reply.tag === 'DELD' && version < DELETED_EVENT_VERSION) return { tag: 'END' };
  if (reply.tag !== 'ERR' || reply.error.type !== 'BLOCKED') return reply;
  if (version < BLOCKED_VERSION) return errorReply({ type: 'AUTH' });
  return version < NOTICE_VERSION ? errorReply({ type: 'BLOCKED', info: { ...reply.error.info, notice: null } }) : reply;
}

const tagBytes = new Map(Object.keys(smpReplies).map((tag) => [tag, utf8(tag)]));
const SPACE = 0x20;

/** Most bytes of any reply but those that carry a body. */
const SMALL_REPLY_BYTES = 256;

/** A size that the reply does not exceed by much; exact for MSG, which is most of what a relay says. */
function sizeOf(reply: SmpReply): number {
  return reply.tag === 'MSG' ? tagBytes.get('MSG')!.length + 2 + reply.msgId.length + reply.body.length : SMALL_REPLY_BYTES;
}

function writeReply(w: Writer, reply: SmpReply): void {
  const body: Codec<object> | null = smpReplies[reply.tag];
  w.put(tagBytes.get(reply.tag)!);
  if (body === null) return;
  sp.write(w);
  body.write(w, reply);
}

export function encodeReply(value: SmpReply, version: number): Uint8Array {
  const reply = replyForVersion(value, version);
  const w = new Writer(version, sizeOf(reply));
  writeReply(w, reply);
  return w.finish();
}

export interface Addressed {
  readonly sessionId: Uint8Array;
  /** Empty for events. */
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
}

/** A whole transmission from server to client. */
export function replyTransmission(value: SmpReply, { sessionId, corrId, entityId }: Addressed, version: number): Uint8Array {
  const reply = replyForVersion(value, version);
  const head = 3 + corrId.length + entityId.length + (version < IMPLIED_SESSION_VERSION ? 1 + sessionId.length : 0);
  const w = new Writer(version, head + sizeOf(reply));
  writeReplyHead(w, sessionId, corrId, entityId);
  writeReply(w, reply);
  return w.finish();
}

/** MSG with its body sealed where the transmission is written: a delivered message is copied once. */
export function messageTransmission(key: BoxKey, message: Delivered & { readonly msgId: Uint8Array }, addressed: Addressed, version: number): DeferredItem {
  const { msgId } = message;
  const w = new Writer(version, 128 + msgId.length);
  writeReplyHead(w, addressed.sessionId, addressed.corrId, addressed.entityId);
  w.put(tagBytes.get('MSG')!);
  sp.write(w);
  shortString.write(w, msgId);
  const head = w.finish();
  return {
    length: head.length + SEALED_BODY_BYTES,
    writeTo(target) {
      target.set(head);
      sealDeliveryInto(target.subarray(head.length), key, msgId, message);
    },
  };
}

/** Reads a reply; null when it is malformed or unknown. Values are views of `encoded`. */
export function readReply(encoded: Uint8Array, version: number): SmpReply | null {
  const space = encoded.indexOf(SPACE);
  const tag = String.fromCharCode(...encoded.subarray(0, Math.min(space < 0 ? encoded.length : space, 8)));
  if (!Object.hasOwn(smpReplies, tag)) return null;
  const body: Codec<object> | null = smpReplies[tag as SmpReplyTag];
  if (body === null) return encoded.length === tag.length ? ({ tag } as SmpReply) : null;
  const r = new Reader(encoded, version, tag.length);
  try {
    sp.read(r);
    const value = body.read(r);
    r.expectEnd();
    return { tag, ...value } as SmpReply;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
