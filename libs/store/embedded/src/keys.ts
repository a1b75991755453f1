/**
 * Keys of the sub-databases. Ids are keys as they are (1-255 bytes). Lists are kept under the length and bytes of their
 * owner's id and a number, so that no id of another length can name a row of the list.
 */

import { copyBytes } from '@polyplex/base';

const SEQ_BYTES = 6;
const MAX_ID_BYTES = 255;

/** Whether an id can be a key at all; what clients ask for may be of any length. */
export function isKey(id: Uint8Array): boolean {
  return id.length > 0 && id.length <= MAX_ID_BYTES;
}

function ownedKey(owner: Uint8Array, extra: number): Uint8Array {
  const key = new Uint8Array(1 + owner.length + extra);
  key[0] = owner.length;
  key.set(owner, 1);
  return key;
}

/** The message with this sequence number in a queue. */
export function messageKey(recipientId: Uint8Array, seq: number): Uint8Array {
  const key = ownedKey(recipientId, SEQ_BYTES);
  let rest = seq;
  for (let i = key.length - 1; i >= key.length - SEQ_BYTES; i--) {
    key[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return key;
}

/** One slot (0-255) of a notifier's pending notifications. */
export function notificationKey(notifierId: Uint8Array, slot: number): Uint8Array {
  const key = ownedKey(notifierId, 1);
  key[key.length - 1] = slot;
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
