/**
 * Entity ids (recipient, sender, notifier, link, service) are 24 random bytes on the wire. In memory, maps are keyed
 * by `IdKey`: one Latin-1 character a byte. Making the string copies the bytes, so no key keeps a block alive.
 */

declare const idKeyBrand: unique symbol;
export type IdKey = string & { readonly [idKeyBrand]: true };

export const ID_LENGTH = 24;

export function idKey(id: Uint8Array): IdKey {
  let key = '';
  for (let i = 0; i < id.length; i++) key += String.fromCharCode(id[i]!);
  return key as IdKey;
}

export function idOfKey(key: IdKey): Uint8Array {
  const id = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) id[i] = key.charCodeAt(i);
  return id;
}
