/** The map key of an id, as in `@polyplex/base`, made in one native call: it is needed for every step. */
import type { IdKey } from '@polyplex/base';

/** Not in Node's types, but as old as `Buffer`: it reads any byte array. */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice: (this: Uint8Array, start: number, end: number) => string;
};

export function idKey(id: Uint8Array): IdKey {
  return latin1Slice.call(id, 0, id.length) as IdKey;
}
