/**
 * Entity ids (recipient, sender, notifier, link, service) are 24 random bytes on the wire. In memory, maps are keyed
 * by `IdKey`: one Latin-1 character a byte. Making the string copies the bytes, so no key keeps a block alive.
 */

declare const idKeyBrand: unique symbol;
export type IdKey = string & { readonly [idKeyBrand]: true };

export const ID_LENGTH = 24;

type Latin1Slice = (this: Uint8Array, start: number, end: number) => string;

/** Not in Node's types, but as old as `Buffer`: reads any byte array in one native call. Browsers have no such thing. */
const latin1Slice = typeof Buffer === 'undefined' ? slowLatin1Slice : (Buffer.prototype as unknown as { latin1Slice: Latin1Slice }).latin1Slice;

function slowLatin1Slice(this: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...this.subarray(start, end));
}

/** A flat string: one built by concatenation would hold four times the memory. */
export function idKey(id: Uint8Array): IdKey {
  return latin1Slice.call(id, 0, id.length) as IdKey;
}

export function idOfKey(key: IdKey): Uint8Array {
  const id = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) id[i] = key.charCodeAt(i);
  return id;
}
