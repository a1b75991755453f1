/** What nodes tell each other through their inboxes: who lost what, and where to look. Never bodies or keys. */
import { char, fields, mapped, shortString, tagged, type TypeOf } from '@polyplex/codec';
import { blockingInfo, decodeValue, encodeValue, word48 } from '@polyplex/store-common';

const kind = mapped(char('R', 'N'), (c) => (c === 'R' ? 'recipient' : 'notifier'), (k: 'recipient' | 'notifier') => (k === 'recipient' ? 'R' : 'N'));
const how = mapped(char('E', 'D'), (c) => (c === 'E' ? 'ended' : 'deleted'), (h: 'ended' | 'deleted') => (h === 'ended' ? 'E' : 'D'));

const word = tagged({
  /** The claim of this epoch is over; `id` is the queue's, here and below. */
  L: fields({ kind, how, id: shortString, epoch: word48 }),
  /** Messages may wait for the subscriber with this epoch. */
  W: fields({ id: shortString, epoch: word48 }),
  /** Notifications may wait for the notifier's subscriber with this epoch. */
  N: fields({ id: shortString, epoch: word48 }),
  /** Notifications may wait for a notifier of the service. */
  V: fields({ serviceId: shortString, recipientId: shortString, notifierId: shortString }),
  /** A notifier left the service, or is gone. */
  C: fields({ how, serviceId: shortString, notifierId: shortString }),
  /** The session of the service with this epoch is over; how many queues there are in the role that it asked for. */
  S: fields({ serviceId: shortString, epoch: word48, queues: word48 }),
  /** The queue was blocked. */
  B: fields({ id: shortString, epoch: word48, info: blockingInfo }),
});

export type Word = TypeOf<typeof word>;

export function encodeWord(value: Word): Buffer {
  const bytes = encodeValue(word, value);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Throws `DecodeError`. */
export function decodeWord(bytes: Uint8Array): Word {
  return decodeValue(word, bytes);
}
