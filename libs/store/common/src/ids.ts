/** What may be an id (`@polyplex/store-contract`). */

export const MAX_ID_BYTES = 255;

/** Whether this is the length of an id; what clients ask for may be of any. */
export function isId(id: Uint8Array): boolean {
  return id.length > 0 && id.length <= MAX_ID_BYTES;
}
