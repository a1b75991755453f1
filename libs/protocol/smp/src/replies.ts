/** Responses and events of SMP, one row each (SMP §5.6), with what older versions get in their place. */
import {
  bool, byVersion, bytes, char, type Codec, codec, fields, mapped, maybe, safeInt64, shortString, since, sp, tail, Writer,
} from '@polyplex/codec';
import type { BoxKey } from '@polyplex/crypto';
import { certChainPubKey, type DeferredItem, dhKey, IMPLIED_SESSION_VERSION, tagTable, versionRange, writeReplyHead } from '@polyplex/protocol-common';
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

const table = tagTable<SmpReply>(smpReplies);

/** A writer with room for a MSG, to the byte, after a head; others are short, or grow. */
function writerFor(reply: SmpReply, version: number, headBytes: number): Writer {
  if (reply.tag !== 'MSG') return new Writer(version);
  return new Writer(version, headBytes + table.tagBytes('MSG').length + 2 + reply.msgId.length + reply.body.length);
}

export function encodeReply(value: SmpReply, version: number): Uint8Array {
  const reply = replyForVersion(value, version);
  const w = writerFor(reply, version, 0);
  table.write(w, reply);
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
  const w = writerFor(reply, version, head);
  writeReplyHead(w, sessionId, corrId, entityId);
  table.write(w, reply);
  return w.finish();
}

/** MSG with its body sealed where the transmission is written: a delivered message is copied once. */
export function messageTransmission(key: BoxKey, message: Delivered & { readonly msgId: Uint8Array }, addressed: Addressed, version: number): DeferredItem {
  const { msgId } = message;
  const w = new Writer(version, 128 + msgId.length);
  writeReplyHead(w, addressed.sessionId, addressed.corrId, addressed.entityId);
  w.put(table.tagBytes('MSG'));
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
  const reply = table.read(encoded, version);
  return typeof reply === 'string' ? null : reply;
}
