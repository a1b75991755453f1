/**
 * What a push carries to the app, whatever push service takes it there (NTF §3.1, §4.5, §4.7): a registration code, the
 * newest notifications of some queues, or a word to look for messages. The first two are sealed for the app.
 */
import { fromBase64Url, lenientTextOf, SECOND, toBase64Url, utf8 } from '@polyplex/base';
import { pad, unpad } from '@polyplex/codec';
import { BOX_NONCE_BYTES, type BoxKey, openBox, sealBox } from '@polyplex/crypto';

/** Size of the padded plaintext for APNs, as the reference has it (NTF §4.7). */
export const APNS_PADDED_BYTES = 3072;
/** The same for Web Push, whose records hold less (NTF §5.2). */
export const WEB_PUSH_PADDED_BYTES = 2928;
const LENGTH_BYTES = 2;

/** A notification as it came from a relay. */
export interface PushItem {
  /** The relay's address as text. */
  readonly relay: string;
  readonly notifierId: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  /** The sealed metadata as received, 144 bytes. */
  readonly meta: Uint8Array;
  /** Unix milliseconds; written in whole seconds. */
  readonly receivedAt: number;
}

/** `relay/notifierId seconds nonce meta` */
export function pushItemText({ relay, notifierId, nonce, meta, receivedAt }: PushItem): string {
  const seconds = Math.floor(receivedAt / SECOND);
  return `${relay}/${toBase64Url(notifierId)} ${String(seconds)} ${toBase64Url(nonce)} ${toBase64Url(meta)}`;
}

/** The items in their order, the newest last; the oldest are left out until the rest fits the padded size. */
export function pushItemsText(items: readonly PushItem[], paddedBytes: number): string {
  const texts = items.map(pushItemText);
  while (texts.length > 1 && utf8(texts.join(';')).length > paddedBytes - LENGTH_BYTES) texts.shift();
  return texts.join(';');
}

function parsePushItem(text: string): PushItem | null {
  const parts = /^(smp:\/\/[^ ;]+)\/([\w-]+=*) (\d{1,12}) ([\w-]+=*) ([\w-]+=*)$/.exec(text);
  if (parts === null) return null;
  const [notifierId, nonce, meta] = [parts[2]!, parts[4]!, parts[5]!].map(fromBase64Url);
  if (!notifierId || !nonce || !meta || nonce.length !== BOX_NONCE_BYTES) return null;
  return { relay: parts[1]!, notifierId, nonce, meta, receivedAt: Number(parts[3]) * SECOND };
}

/** As an app reads them; null when any is malformed. */
export function parsePushItems(text: string): readonly PushItem[] | null {
  const items = text.split(';').map(parsePushItem);
  return items.some((item) => item === null) ? null : (items as readonly PushItem[]);
}

/** 16 bytes more than the padded size. Throws `EncodeError` when the plaintext does not fit. */
export function sealPush(key: BoxKey, nonce: Uint8Array, plain: Uint8Array, paddedBytes: number): Uint8Array {
  return sealBox(key, nonce, pad(plain, paddedBytes));
}

/** The plaintext; null when it does not open. */
export function openPush(key: BoxKey, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  const padded = openBox(key, nonce, sealed);
  return padded === null ? null : unpad(padded);
}

/** The JSON object that a push service carries under `notificationData`, or as its whole plaintext (NTF §4.7, §5.2). */
export type PushData = { readonly nonce: string; readonly verification: string } | { readonly nonce: string; readonly message: string } | { readonly checkMessages: true };

/** `nonce`: 24 random bytes, never used before. */
export interface PushSealing {
  readonly key: BoxKey;
  readonly nonce: Uint8Array;
  readonly paddedBytes: number;
}

export function verificationPushData(code: Uint8Array, { key, nonce, paddedBytes }: PushSealing): PushData {
  return { nonce: toBase64Url(nonce), verification: toBase64Url(sealPush(key, nonce, code, paddedBytes)) };
}

/** At least one item. Throws `EncodeError` when the newest alone does not fit. */
export function messagePushData(items: readonly PushItem[], { key, nonce, paddedBytes }: PushSealing): PushData {
  const plain = utf8(pushItemsText(items, paddedBytes));
  return { nonce: toBase64Url(nonce), message: toBase64Url(sealPush(key, nonce, plain, paddedBytes)) };
}

export const CHECK_PUSH_DATA: PushData = { checkMessages: true };

export type OpenedPush =
  | { readonly kind: 'verification'; readonly code: Uint8Array }
  | { readonly kind: 'message'; readonly items: readonly PushItem[] }
  | { readonly kind: 'check' };

/** As an app reads it; null when it is malformed or does not open. */
export function openPushData(key: BoxKey, data: Readonly<Record<string, unknown>>): OpenedPush | null {
  if (data.checkMessages === true) return { kind: 'check' };
  const nonce = bytesOf(data.nonce);
  const sealed = bytesOf(data.verification ?? data.message);
  if (nonce?.length !== BOX_NONCE_BYTES || sealed === null) return null;
  const plain = openPush(key, nonce, sealed);
  if (plain === null) return null;
  if (data.verification !== undefined) return { kind: 'verification', code: plain };
  const items = parsePushItems(lenientTextOf(plain));
  return items === null ? null : { kind: 'message', items };
}

function bytesOf(value: unknown): Uint8Array | null {
  return typeof value === 'string' ? fromBase64Url(value) : null;
}
