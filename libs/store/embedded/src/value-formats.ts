/**
 * The values that only the embedded engine keeps, as codecs; those of all engines are in `@polyplex/store-common`.
 * Sequence numbers count from 0.
 */
import { bool, fields, maybe, shortString, tail, type TypeOf, word32 } from '@polyplex/codec';
import { notifier, publicKey, queueMode, queueStatus, recipientKeys, word48 } from '@polyplex/store-common';
import type { QueueRecord } from '@polyplex/store-contract';

/** What a queue's commands are authorised by: the part of a queue row that messages do not change. */
export const credentials = fields({
  recipientKeys,
  dhSecret: shortString,
  senderId: shortString,
  senderKey: maybe(publicKey),
  mode: queueMode,
  linkId: maybe(shortString),
  notifier: maybe(notifier),
  status: queueStatus,
  serviceId: maybe(shortString),
});

/**
 * A queue: its place in the list of messages, then its credentials, which stay encoded while messages come and go.
 * Messages have the sequence numbers `head` up to, not including, `next`. `closed` tells that the last is a quota
 * marker; `lastId` is the id of the last message appended, by which a repeated append is known; it is empty when there
 * was none and when a marker that had it is gone. `notified` is the number of the next notification.
 */
export const queueRow = fields({
  revision: word32,
  usedDay: word48,
  head: word48,
  next: word48,
  headTs: word48,
  closed: bool,
  lastId: shortString,
  notified: word48,
  credentials: tail,
});
export type QueueRow = TypeOf<typeof queueRow>;
export type Credentials = Omit<QueueRecord, 'recipientId' | 'revision' | 'usedDay'>;

export const id = shortString;
export const count = word48;

export const counts = fields({
  queues: word48,
  securedQueues: word48,
  messages: word48,
  notifiers: word48,
  notifications: word48,
  recipientServices: word48,
  recipientServiceQueues: word48,
  notifierServices: word48,
  notifierServiceQueues: word48,
  proxyServices: word48,
});
export type Counts = TypeOf<typeof counts>;
