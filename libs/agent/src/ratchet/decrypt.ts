/** Receiving through the ratchet (agent §5.6): in order, late, repeated, after a step of the other side. */
import { concatBytes } from '@polyplex/base';
import { DecodeError, type TypeOf, tryDecode, unpad } from '@polyplex/codec';
import { openAead } from '@polyplex/crypto';
import { type EncryptedHeader, ratchetHeader, type RatchetMessage, readRatchetMessage } from '@polyplex/protocol-agent';
import { chainStep } from './derive.ts';
import { type FreshKeys, freshKeys } from './fresh-keys.ts';
import { keyStep } from './key-step.ts';
import { RatchetError } from './ratchet-error.ts';
import type { MessageKey, Ratchet, SkippedKey } from './state.ts';

/** Most messages that may be missing before one that comes. */
export const MAX_SKIPPED = 512;

type Header = TypeOf<typeof ratchetHeader>;

/** What is stored together with the text, or nothing of it. */
export interface Received {
  readonly text: Uint8Array;
  readonly ratchet: Ratchet;
  /** Keys of messages that are missing now. */
  readonly skipped: readonly SkippedKey[];
  /** The skipped key that opened this message, to be forgotten. */
  readonly used: SkippedKey | null;
}

/**
 * Opens a message. `skipped`: all keys that were kept so far. Nothing is changed: a message that is refused (`RatchetError`; HEADER also for
 * what cannot be read) leaves ratchet and keys as they are, so a forged one costs nothing.
 */
export function openMessage(ratchet: Ratchet, skipped: readonly SkippedKey[], message: Uint8Array, fresh: FreshKeys = freshKeys): Received {
  const parts = split(message);
  const late = openSkipped(ratchet, skipped, parts);
  if ('text' in late) return late;
  const { header, isNext } = late.header === null ? openHeader(ratchet, parts.encrypted) : { header: late.header, isNext: late.isNext };
  const upgraded = withVersion(ratchet, header.maxVersion);
  const kept: SkippedKey[] = [];
  const stepped = isNext ? keyStep(skipTo(upgraded, header.previous, kept), header, fresh) : upgraded;
  const current = skipTo(stepped, header.number, kept);
  const { receiving } = current;
  if (receiving === null) throw new RatchetError('HEADER', 'a message of no chain');
  const { chainKey, key, iv } = chainStep(receiving.chainKey);
  const text = openBody(ratchet.associated, parts, { key, iv });
  return { text, used: null, skipped: kept, ratchet: { ...current, receiving: { ...receiving, chainKey }, received: current.received + 1 } };
}

type Parts = ReturnType<typeof readRatchetMessage>;

function split(message: Uint8Array): Parts {
  try {
    return readRatchetMessage(message);
  } catch (error) {
    if (error instanceof DecodeError) throw new RatchetError('HEADER', 'a message that cannot be read');
    throw error;
  }
}

/** Null: not by this key. */
function tryHeader({ associated }: Ratchet, headerKey: Uint8Array, { version, iv, tag, body }: EncryptedHeader): Header | null {
  const padded = openAead({ key: headerKey, iv, associated }, { body, tag });
  const clear = padded && unpad(padded);
  return clear && tryDecode(ratchetHeader, clear, version);
}

interface OpenedHeader {
  readonly header: Header;
  /** By the key of the next chain: the other side has made a step. */
  readonly isNext: boolean;
}

function openHeader(ratchet: Ratchet, encrypted: EncryptedHeader): OpenedHeader {
  const same = ratchet.receiving && tryHeader(ratchet, ratchet.receiving.headerKey, encrypted);
  if (same !== null) return { header: same, isNext: false };
  const next = tryHeader(ratchet, ratchet.nextReceivingHeaderKey, encrypted);
  if (next === null) throw new RatchetError('HEADER', 'a header for no key of this ratchet');
  return { header: next, isNext: true };
}

/** A message that was skipped, or its header where it belongs to the present or next chain. */
function openSkipped(ratchet: Ratchet, skipped: readonly SkippedKey[], parts: Parts): Received | { readonly header: Header | null; readonly isNext: boolean } {
  const byHeaderKey = Map.groupBy(skipped, ({ headerKey }) => hexOf(headerKey));
  for (const keys of byHeaderKey.values()) {
    const { headerKey } = keys[0]!;
    const header = tryHeader(ratchet, headerKey, parts.encrypted);
    if (header === null) continue;
    const used = keys.find(({ number }) => number === header.number);
    if (used !== undefined) return { text: openBody(ratchet.associated, parts, used), ratchet, skipped: [], used };
    const key = hexOf(headerKey);
    if (ratchet.receiving !== null && key === hexOf(ratchet.receiving.headerKey)) return { header, isNext: false };
    if (key === hexOf(ratchet.nextReceivingHeaderKey)) return { header, isNext: true };
    throw new RatchetError('HEADER', 'a message of an old chain that is not missing');
  }
  return { header: null, isNext: false };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function openBody(associated: Uint8Array, { header, body, tag }: RatchetMessage, { key, iv }: MessageKey): Uint8Array {
  const padded = openAead({ key, iv, associated: concatBytes(associated, header) }, { body, tag });
  const text = padded && unpad(padded);
  if (text === null) throw new RatchetError('BODY', 'the body of a message was changed');
  return text;
}

/** A newer version that the other side speaks is used from here on, as far as we speak it (agent §5.7). */
function withVersion(ratchet: Ratchet, peerMax: number): Ratchet {
  const { current, max } = ratchet.versions;
  const upgraded = Math.max(current, Math.min(peerMax, max));
  return upgraded === current ? ratchet : { ...ratchet, versions: { current: upgraded, max } };
}

/** Moves the receiving chain to a message, keeping the keys of those before it. */
function skipTo(ratchet: Ratchet, number: number, kept: SkippedKey[]): Ratchet {
  const { receiving, received } = ratchet;
  if (receiving === null) return ratchet;
  if (received > number + 1) throw new RatchetError('EARLIER', 'a message older than the last');
  if (received === number + 1) throw new RatchetError('DUPLICATE', 'the last message again');
  if (received + MAX_SKIPPED < number) throw new RatchetError('TOO_MANY_SKIPPED', 'too many messages are missing');
  let { chainKey } = receiving;
  for (let at = received; at < number; at++) {
    const step = chainStep(chainKey);
    kept.push({ headerKey: receiving.headerKey, number: at, key: step.key, iv: step.iv });
    chainKey = step.chainKey;
  }
  return { ...ratchet, receiving: { ...receiving, chainKey }, received: number };
}
