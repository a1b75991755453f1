/**
 * Byte helpers without I/O. Everything here treats a `Uint8Array` as immutable input and returns fresh memory
 * unless its name says "view".
 */

export const EMPTY_BYTES = new Uint8Array(0);

/** Copies bytes into memory of their own, so that a small id never keeps a whole 16 KiB block alive. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Compares two byte strings; for public values only (it returns early). */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The same bytes in reverse order: the "reverse nonce" of SMP §1.7. */
export function reverseBytes(bytes: Uint8Array): Uint8Array {
  return copyBytes(bytes).reverse();
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder('utf-8', { fatal: true });
const lenientDecoder = new TextDecoder('utf-8');

export function utf8(text: string): Uint8Array {
  return textEncoder.encode(text);
}

/** Decodes UTF-8, or returns null where the bytes are not valid UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return textDecoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Decodes UTF-8 with replacement characters for invalid sequences. */
export function lenientTextOf(bytes: Uint8Array): string {
  return lenientDecoder.decode(bytes);
}
