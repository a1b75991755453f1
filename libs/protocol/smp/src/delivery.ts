/** Encryption of messages and notifications for the recipient (SMP §6.1, §6.7). */
import { EMPTY_BYTES, utf8 } from '@polyplex/base';
import { bool, DecodeError, Reader, safeInt64, shortString, sp, unpad, Writer, fields, encode, pad } from '@polyplex/codec';
import { BOX_TAG_BYTES, type BoxKey, nonceOf, openBox, sealBox, sealBoxInto } from '@polyplex/crypto';
import { messageFlags } from './commands.ts';

/** Bodies are padded to this size in every version. */
const PADDED_BODY_BYTES = 16_106;
const NOTIFICATION_PADDED_BYTES = 128;
const QUOTA_BYTES = utf8('QUOTA');
const PADDING = 0x23; // "#"

export type Delivered =
  | { readonly kind: 'message'; readonly ts: number; readonly notify: boolean; readonly body: Uint8Array }
  | { readonly kind: 'quota'; readonly ts: number };

/** Length of the encrypted body of MSG. */
export const SEALED_BODY_BYTES = BOX_TAG_BYTES + PADDED_BODY_BYTES;

/** Writes the encrypted body of MSG into `out` (16122 bytes). `key` is the box key of the queue's DH secret, the nonce is the message id. */
export function sealDeliveryInto(out: Uint8Array, key: BoxKey, msgId: Uint8Array, message: Delivered): void {
  const padded = out.subarray(BOX_TAG_BYTES);
  const head = headOf(message);
  const body = message.kind === 'quota' ? EMPTY_BYTES : message.body;
  const length = head.length + body.length;
  if (length > PADDED_BODY_BYTES - 2) throw new RangeError('message body too long');
  padded[0] = length >>> 8;
  padded[1] = length & 0xff;
  padded.set(head, 2);
  padded.set(body, 2 + head.length);
  padded.fill(PADDING, 2 + length);
  sealBoxInto(out, key, nonceOf(msgId), padded);
}

/** The encrypted body of MSG in memory of its own. */
export function sealDelivery(key: BoxKey, msgId: Uint8Array, message: Delivered): Uint8Array {
  const out = new Uint8Array(SEALED_BODY_BYTES);
  sealDeliveryInto(out, key, msgId, message);
  return out;
}

function headOf(message: Delivered): Uint8Array {
  const head = new Writer(0, 16);
  if (message.kind === 'quota') {
    head.put(QUOTA_BYTES);
    sp.write(head);
    safeInt64.write(head, message.ts);
  } else {
    safeInt64.write(head, message.ts);
    bool.write(head, message.notify);
    sp.write(head);
  }
  return head.finish();
}

/** Opens the body of MSG; null when it does not decrypt or parse. */
export function openDelivery(key: BoxKey, msgId: Uint8Array, encrypted: Uint8Array): Delivered | null {
  const padded = openBox(key, nonceOf(msgId), encrypted);
  const plain = padded === null ? null : unpad(padded);
  if (plain === null) return null;
  try {
    return readDelivered(plain);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

function readDelivered(plain: Uint8Array): Delivered {
  const r = new Reader(plain);
  if (QUOTA_BYTES.every((b, i) => plain[i] === b)) {
    r.take(QUOTA_BYTES.length);
    sp.read(r);
    return { kind: 'quota', ts: safeInt64.read(r) };
  }
  const ts = safeInt64.read(r);
  const notify = messageFlags.read(r);
  sp.read(r);
  return { kind: 'message', ts, notify, body: r.rest() };
}

const notificationMeta = fields({ msgId: shortString, ts: safeInt64 });

/** The encrypted metadata of NMSG, 144 bytes. `key` is the box key of the notifier's DH secret. */
export function sealNotification(key: BoxKey, nonce: Uint8Array, meta: { readonly msgId: Uint8Array; readonly ts: number }): Uint8Array {
  return sealBox(key, nonce, pad(encode(notificationMeta, meta), NOTIFICATION_PADDED_BYTES));
}

/** Opens the metadata of NMSG, ignoring what follows it; null when it does not decrypt or parse. */
export function openNotification(key: BoxKey, nonce: Uint8Array, encMeta: Uint8Array): { msgId: Uint8Array; ts: number } | null {
  const padded = openBox(key, nonce, encMeta);
  const plain = padded === null ? null : unpad(padded);
  if (plain === null) return null;
  try {
    return notificationMeta.read(new Reader(plain));
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
