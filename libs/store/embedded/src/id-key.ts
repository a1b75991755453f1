/** The map key of an id, as in `@polyplex/base`, made in one native call: it is needed for every step. */
import type { IdKey } from '@polyplex/base';

const { latin1Slice } = Buffer.prototype;

export function idKey(id: Uint8Array): IdKey {
  return latin1Slice.call(id, 0, id.length) as IdKey;
}
