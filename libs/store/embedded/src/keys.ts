/**
 * Keys of the sub-databases. Ids are keys as they are (1-255 bytes). Lists are kept under the length and bytes of their
 * owner's id and a number, so that no id of another length can name a row of the list.
 */
import { copyBytes } from '@polyplex/base';
import { MAX_ID_BYTES } from '@polyplex/store-common';

const SEQ_BYTES = 6;

/** Of all tables; a longer key names no row of any. */
export const MAX_KEY_BYTES = 1 + MAX_ID_BYTES + SEQ_BYTES;

function ownedKey(owner: Uint8Array, extra: number): Uint8Array {
  const key = new Uint8Array(1 + owner.length + extra);
  key[0] = owner.length;
  key.set(owner, 1);
  return key;
}

/** The entry with this number in the list of `owner`: a message of a queue, a pending notification of a notifier. */
export function listKey(owner: Uint8Array, seq: number): Uint8Array {
  const key = ownedKey(owner, SEQ_BYTES);
  let rest = seq;
  for (let i = key.length - 1; i >= key.length - SEQ_BYTES; i--) {
    key[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return key;
}

/** The owner's id in a key of a list, in memory of its own. */
export function ownerOf(key: Uint8Array): Uint8Array {
  return copyBytes(key.subarray(1, 1 + key[0]!));
}

/** Sorts after every key of this owner's list, and before those of the next owner. */
export function afterOwner(owner: Uint8Array): Uint8Array {
  return ownedKey(owner, SEQ_BYTES + 1).fill(0xff, 1 + owner.length);
}

/** How many queues are associated with a service. */
export function serviceKey(role: 'M' | 'N', serviceId: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + serviceId.length);
  key[0] = role.charCodeAt(0);
  key.set(serviceId, 1);
  return key;
}
