/**
 * The values that engines keep, as codecs. Every value opens with the format version that it was written with; readers
 * get it as the codec's version, so that a later format adds fields with `since`.
 *
 * Times are seconds since 1970; they and sequence numbers take six bytes.
 */
import { EMPTY_BYTES } from '@polyplex/base';
import {
  bool, byte, char, type Codec, codec, DecodeError, EncodeError, fields, large, list, mapped, maybe, nonEmptyList, nothing,
  Reader, shortString, tagged, tail, type TypeOf, Writer,
} from '@polyplex/codec';
import type { PublicKey } from '@polyplex/crypto';
import type { BlockingInfo, Message, QueueMode, QueueStatus } from '@polyplex/store-contract';

/** Raised with every change of a format, here or in an engine; a store written by a newer release is refused. */
export const FORMAT_VERSION = 1;

const WORD32 = 0x1_0000_0000;

export const word48: Codec<number> = codec(
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

export const publicKey: Codec<PublicKey> = mapped(
  fields({ kind: byte, raw: shortString }),
  ({ kind, raw }) => {
    const name = KEY_KINDS[kind];
    if (name === undefined) throw new DecodeError('unknown key kind');
    return { kind: name, raw };
  },
  ({ kind, raw }) => ({ kind: KEY_KINDS.indexOf(kind), raw }),
);

/** Never empty. */
export const recipientKeys = nonEmptyList(publicKey);

export const queueMode: Codec<QueueMode> = mapped(char('M', 'C', '-'), (c) => (c === '-' ? null : c), (m) => m ?? '-');

export const blockingInfo: Codec<BlockingInfo> = fields({
  reason: mapped(char('S', 'C'), (c) => (c === 'S' ? 'spam' : 'content'), (r) => (r === 'spam' ? 'S' : 'C')),
  notice: maybe(fields({ ttl: maybe(word48) })),
});

export const queueStatus: Codec<QueueStatus> = mapped(
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

export const notifier = fields(
  { notifierId: shortString, notifierKey: publicKey, dhSecret: shortString, serviceId: maybe(shortString) },
);

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
