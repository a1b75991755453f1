/**
 * The frames of a transfer file (docs/operations/moving-stores.md): a length, a letter that tells the kind, and a value
 * of the codecs that engines keep their values with.
 */
import { textOf, utf8 } from '@polyplex/base';
import {
  byte, bytes, char, type Codec, DecodeError, fields, large, mapped, maybe, shortString, tagged, type TypeOf, word32,
} from '@polyplex/codec';
import {
  linkData, message, notification, notifier, publicKey, queueMode, queueStatus, recipientKeys, service, word48,
} from '@polyplex/store-common';
import type { StoreCounts } from '@polyplex/store-contract';

/** What a file begins with; the version of what is written here follows as one byte. */
export const MARK = utf8('polyplex store\n');
export const TRANSFER_VERSION = 1;

export const LENGTH_BYTES = 4;
export const CHECKSUM_BYTES = 32;

function text(inner: Codec<Uint8Array>): Codec<string> {
  return mapped(inner, (wire) => {
    const decoded = textOf(wire);
    if (decoded === null) throw new DecodeError('not a text');
    return decoded;
  }, utf8);
}

/** How many of each; markers are messages. */
const totals = fields({ services: word48, queues: word48, messages: word48, notifications: word48 });
export type Totals = TypeOf<typeof totals>;

export const NOTHING: Totals = { services: 0, queues: 0, messages: 0, notifications: 0 };

/** What a walk over a store with these counts will find. */
export function expectedTotals({ recipientServices, notifierServices, proxyServices, queues, messages, notifications }: StoreCounts): Totals {
  return { services: recipientServices + notifierServices + proxyServices, queues, messages, notifications };
}

export function sameTotals(a: Totals, b: Totals): boolean {
  return a.services === b.services && a.queues === b.queues && a.messages === b.messages && a.notifications === b.notifications;
}

/** Where the walk over the store goes on: services come first. */
const position = fields({
  of: mapped(char('S', 'Q'), (c) => (c === 'S' ? 'services' : 'queues'), (of) => (of === 'services' ? 'S' : 'Q')),
  cursor: maybe(text(large)),
});
export type Position = TypeOf<typeof position>;

const header = fields({
  /** Format of the values, as `FORMAT_VERSION` of store-common. */
  values: byte,
  /** Seconds since 1970. */
  createdAt: word48,
  engine: text(shortString),
  program: text(shortString),
  /** As the store counted when the export began; it may change meanwhile. */
  expected: totals,
});
export type Header = TypeOf<typeof header>;

const record = fields({
  recipientId: shortString,
  recipientKeys,
  dhSecret: shortString,
  senderId: shortString,
  senderKey: maybe(publicKey),
  mode: queueMode,
  linkId: maybe(shortString),
  notifier: maybe(notifier),
  status: queueStatus,
  serviceId: maybe(shortString),
  usedDay: word48,
  revision: word32,
});

/** As many messages, then as many notifications, follow in frames of their own. */
const queue = fields({ record, link: maybe(linkData), lastId: shortString, messages: word32, notifications: word32 });
export type QueueFacts = TypeOf<typeof queue>;

/** SHA-256 of the whole file up to the checksum itself, which is always the last of its frame. */
const checksum = bytes(CHECKSUM_BYTES);

export const frame = tagged({
  H: fields({ header }),
  S: fields({ service }),
  Q: fields({ queue }),
  M: fields({ message }),
  N: fields({ notification }),
  /** Ends a block. With a position where an export can go on from here: no queue is half-way. */
  C: fields({ totals, position: maybe(position), checksum }),
  /** Ends the file. */
  E: fields({ totals, checksum }),
});
export type Frame = TypeOf<typeof frame>;
export type RecordFrame = Extract<Frame, { type: 'S' | 'Q' | 'M' | 'N' }>;

export const COUNTED_AS = { S: 'services', Q: 'queues', M: 'messages', N: 'notifications' } as const satisfies Record<RecordFrame['type'], keyof Totals>;
