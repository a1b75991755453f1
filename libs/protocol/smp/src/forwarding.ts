/**
 * The layers of private message routing (SMP §7.2). A client seals one transmission for the destination relay
 * (inner layer, padded); the proxy wraps it for the relay (outer layer, not padded). Responses use the byte-reversed
 * nonces of their commands.
 */
import { reverseBytes } from '@polyplex/base';
import { encode, EncodeError, fields, pad, shortString, tail, tryDecode, unpad, word16 } from '@polyplex/codec';
import { type BoxKey, nonceOf, openBox, sealBox } from '@polyplex/crypto';
import { dhKey, encodeBatch, readBatch } from '@polyplex/protocol-common';

const PADDED_INNER_BYTES = 16_226;

/** What the proxy sends to the relay inside RFWD. */
const forwardedTransmission = fields({ corrId: shortString, version: word16, key: dhKey, encTransmission: tail });
const forwardedResponse = fields({ corrId: shortString, encResponse: tail });

/** Inner layer: one transmission as a block of its own, 16242 bytes. Throws `EncodeError` when it does not fit. */
export function sealInner(key: BoxKey, nonce: Uint8Array, transmission: Uint8Array): Uint8Array {
  return sealBox(key, nonceOf(nonce), pad(encodeBatch([transmission]), PADDED_INNER_BYTES));
}

export type OpenedInner = { readonly transmission: Uint8Array } | { readonly error: 'CRYPTO' | 'BLOCK' };

/** Opens the inner layer: exactly one transmission. */
export function openInner(key: BoxKey, nonce: Uint8Array, encrypted: Uint8Array): OpenedInner {
  const padded = openBox(key, nonceOf(nonce), encrypted);
  const content = padded === null ? null : unpad(padded);
  if (content === null) return { error: 'CRYPTO' };
  const items = readBatch(content);
  return items?.length === 1 ? { transmission: items[0]! } : { error: 'BLOCK' };
}

/** The response to the inner transmission; null when it does not fit. */
export function sealInnerResponse(key: BoxKey, nonce: Uint8Array, transmission: Uint8Array): Uint8Array | null {
  try {
    return sealInner(key, reverseBytes(nonceOf(nonce)), transmission);
  } catch (error) {
    if (error instanceof EncodeError) return null;
    throw error;
  }
}

export function openInnerResponse(key: BoxKey, nonce: Uint8Array, encrypted: Uint8Array): OpenedInner {
  return openInner(key, reverseBytes(nonceOf(nonce)), encrypted);
}

type Forwarded = Parameters<typeof forwardedTransmission.write>[1];

/** Outer layer from proxy to relay; `nonce` is the corrId of RFWD. */
export function sealForwarded(key: BoxKey, nonce: Uint8Array, forwarded: Forwarded): Uint8Array {
  return sealBox(key, nonceOf(nonce), encode(forwardedTransmission, forwarded));
}

/** Opens the outer layer: `CRYPTO` when the box fails, `SYNTAX` when its content does not parse. */
export function openForwarded(key: BoxKey, nonce: Uint8Array, encrypted: Uint8Array): Forwarded | 'CRYPTO' | 'SYNTAX' {
  const plain = openBox(key, nonceOf(nonce), encrypted);
  if (plain === null) return 'CRYPTO';
  return tryDecode(forwardedTransmission, plain) ?? 'SYNTAX';
}

/** Outer layer of the response, from relay to proxy. */
export function sealForwardedResponse(key: BoxKey, nonce: Uint8Array, corrId: Uint8Array, encResponse: Uint8Array): Uint8Array {
  return sealBox(key, reverseBytes(nonceOf(nonce)), encode(forwardedResponse, { corrId, encResponse }));
}

export function openForwardedResponse(key: BoxKey, nonce: Uint8Array, encrypted: Uint8Array): { corrId: Uint8Array; encResponse: Uint8Array } | null {
  const plain = openBox(key, reverseBytes(nonceOf(nonce)), encrypted);
  return plain === null ? null : tryDecode(forwardedResponse, plain);
}

