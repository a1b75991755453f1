/**
 * The values that the embedded engine keeps, as codecs. Every value opens with the format version that it was written
 * with; readers get it as the codec's version, so that a later format adds fields with `since`.
 *
 * Times are seconds since 1970 and sequence numbers count from 0; both take six bytes.
 */
import { EMPTY_BYTES } from '@polyplex/base';
import {
  bool, byte, char, type Codec, codec, DecodeError, EncodeError, fields, large, list, mapped, maybe, nonEmptyList, nothing,
  Reader, shortString, tagged, tail, type TypeOf, Writer, word32,
} from '@polyplex/codec';
import type { PublicKey } from '@polyplex/crypto';
import type { BlockingInfo, Message, QueueMode, QueueRecord, QueueStatus } from '@polyplex/store-contract';

/** Raised with every change of a format below; a store written by a newer release is refused. */
export const FORMAT_VERSION = 1;

const WORD32 = 0x1_0000_0000;

const word48: Codec<number> = codec(
  (r) => r.word16() * WORD32 + r.word16() * 0x10000 + r.word16(),
  (w, v) => {
    if (!Number.isInteger(v) || v < 0 || v >= WORD32 * 0x10000) throw new EncodeError('word48 out of range');
    const low = v % WORD32;
    w.word16(Math.floor(v / WORD32));
    w.word16(low >>> 16);
    w.word16(low & 0xffff);
  },
);

const KEY_KINDS = ['ed25519', 'ed448', 'x25519', 'x448'] as const;

const publicKey: Codec<PublicKey> = mapped(
  fields({ kind: byte, raw: shortString }),
  ({ kind, raw }) => {
    const name = KEY_KINDS[kind];
    if (name === undefined) throw new DecodeError('unknown key kind');
    return { kind: name, raw };
  },
  ({ kind, raw }) => ({ kind: KEY_KINDS.indexOf(kind), raw }),
);

const mode: Codec<QueueMode> = mapped(char('M', 'C', '-'), (c) => (c === '-' ? null : c), (m) => m ?? '-');

const blockingInfo: Codec<BlockingInfo> = fields({
  reason: mapped(char('S', 'C'), (c) => (c === 'S' ? 'spam' : 'content'), (r) => (r === 'spam' ? 'S' : 'C')),
  notice: maybe(fields({ ttl: maybe(word48) })),
});

const status: Codec<QueueStatus> = mapped(
  tagged({ A: nothing, B: fields({ info: blockingInfo }), O: nothing }),
  (v): QueueStatus => {
    if (v.type === 'B') return { state: 'blocked', info: v.info };
    return { state: v.type === 'A' ? 'active' : 'off' };
  },
  (v) => {
    if (v.state === 'blocked') return { type: 'B' as const, info: v.info };
    return { type: v.state === 'active' ? ('A' as const) : ('O' as const) };
  },
);

const notifier = fields(
  { notifierId: shortString, notifierKey: publicKey, dhSecret: shortString, serviceId: maybe(shortString) },
);

/** What a queue's commands are authorised by: the part of a queue row that messages do not change. */
export const credentials = fields({
  recipientKeys: nonEmptyList(publicKey),
  dhSecret: shortString,
  senderId: shortString,
  senderKey: maybe(publicKey),
  mode,
  linkId: maybe(shortString),
  notifier: maybe(notifier),
  status,
  serviceId: maybe(shortString),
});

/**
 * A queue: its place in the list of messages, then its credentials, which stay encoded while messages come and go.
 * Messages have the sequence numbers `head` up to, not including, `next`. `closed` tells that the last is a quota
 * marker; `lastId` is the id of the last message appended, by which a repeated append is known; it is empty when there
 * was none and when a marker that had it is gone. `notified` is the number of the next notification.
 */
export const queueRow = fields({
  revision: word32,
  usedDay: word48,
  head: word48,
  next: word48,
  headTs: word48,
  closed: bool,
  lastId: shortString,
  notified: word48,
  credentials: tail,
});
export type QueueRow = TypeOf<typeof queueRow>;
export type Credentials = Omit<QueueRecord, 'recipientId' | 'revision' | 'usedDay'>;

export const message: Codec<Message> = mapped(
  fields({ kind: char('M', 'Q'), msgId: shortString, ts: word48, notify: bool, body: tail }),
  (v): Message =>
    v.kind === 'M'
      ? { kind: 'message', msgId: v.msgId, ts: v.ts, notify: v.notify, body: v.body }
      : { kind: 'quota', msgId: v.msgId, ts: v.ts },
  (m) => ({
    kind: m.kind === 'message' ? ('M' as const) : ('Q' as const),
    msgId: m.msgId,
    ts: m.ts,
    notify: m.kind === 'message' && m.notify,
    body: m.kind === 'message' ? m.body : EMPTY_BYTES,
  }),
);

export const notification = fields({ ts: word48, nonce: shortString, encMeta: large });

export const linkData = fields({ fixedData: large, userData: large });

export const service = fields({
  serviceId: shortString,
  role: char('M', 'N', 'P'),
  fingerprint: shortString,
  chain: list(large),
  createdAt: word48,
});
export type StoredService = TypeOf<typeof service>;

export const id = shortString;
export const count = word48;

export const counts = fields({
  queues: word48,
  securedQueues: word48,
  messages: word48,
  notifiers: word48,
  notifications: word48,
  recipientServices: word48,
  recipientServiceQueues: word48,
  notifierServices: word48,
  notifierServiceQueues: word48,
  proxyServices: word48,
});
export type Counts = TypeOf<typeof counts>;

/** Version byte and value, in memory of its own. */
export function encodeValue<T>(format: Codec<T>, value: T): Uint8Array {
  const w = new Writer(FORMAT_VERSION);
  w.byte(FORMAT_VERSION);
  format.write(w, value);
  return w.finish();
}

/** Reads what `encodeValue` wrote; the result may hold views of `bytes`. Throws `DecodeError`. */
export function decodeValue<T>(format: Codec<T>, bytes: Uint8Array): T {
  const version = bytes.length === 0 ? 0 : bytes[0]!;
  if (version < 1 || version > FORMAT_VERSION) throw new DecodeError('unknown format version');
  const r = new Reader(bytes, version, 1);
  const value = format.read(r);
  r.expectEnd();
  return value;
}
