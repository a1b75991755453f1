/**
 * Queues in `Blocks`: with the ids and keys of today's clients 192 bytes each, 280 with a notifier. Link data stays in the
 * log, and messages and notifications in their files: the block tells where.
 */
import { copyBytes, EMPTY_BYTES } from '@polyplex/base';
import { bytes, fields, maybe, Reader, shortString, Writer } from '@polyplex/codec';
import { publicKey, queueMode, queueStatus, recipientKeys } from '@polyplex/store-common';
import type { Notifier } from '@polyplex/store-contract';
import type { Blocks } from '../text-log/blocks.ts';
import type { IdPlace } from '../text-log/id-index.ts';
import type { CreatedQueue } from './record-fields.ts';

/** Where a line is in its file. */
export interface LinePlace {
  readonly at: number;
  readonly bytes: number;
}

/** A queue as the log leaves it. */
export interface LoggedQueue extends CreatedQueue {
  /** Of its CREATE: names it where ids must not be told. */
  readonly line: number;
  /** The line with its link data; not null exactly where the record has a link id. */
  readonly link: LinePlace | null;
}

/** What belongs to a queue and is in other files. */
export type RunsOf = 'messages' | 'notifications';

/*
 * line 4, first run of messages 4, of notifications 4, days + 1 2, mark 1, bytes of the block 2, place of the link line 6 + 4,
 * four ids with their lengths (recipient, sender, notifier, link; empty for none), the rest
 */
const RUN_AT = { messages: 4, notifications: 8 } as const;
const DAYS_AT = 12;
const MARK_AT = 14;
const SIZE_AT = 15;
const LINK_AT = 17;
const LINK_AT_BYTES = 6;
const LINK_BYTES_AT = LINK_AT + LINK_AT_BYTES;
const IDS_AT = 27;

/** By which ids a queue is found, in their order in a block. */
const PARTIES = ['recipient', 'sender', 'notifier', 'link'] as const;
export type IdParty = (typeof PARTIES)[number];

const secret = bytes(32);
const rest = fields({
  mode: queueMode, status: queueStatus, recipientKeys, dhSecret: secret, senderKey: maybe(publicKey), serviceId: maybe(shortString),
  notifier: maybe(fields({ notifierKey: publicKey, dhSecret: secret, serviceId: maybe(shortString) })),
});

/** For an index of these ids. */
export function idPlace(party: IdParty): IdPlace {
  const before = PARTIES.indexOf(party);
  return (page, offset) => {
    let at = offset + IDS_AT;
    for (let i = 0; i < before; i++) at += 1 + page[at]!;
    return at + 1;
  };
}

/** Null where there is none. */
export function idsOf({ recipientId, senderId, notifier, linkId }: LoggedQueue['record']): Readonly<Record<IdParty, Uint8Array | null>> {
  return { recipient: recipientId, sender: senderId, notifier: notifier?.notifierId ?? null, link: linkId };
}

export class QueueBlocks {
  private readonly blocks: Blocks;

  constructor(blocks: Blocks) {
    this.blocks = blocks;
  }

  add(queue: LoggedQueue): number {
    const content = encoded(queue);
    const address = this.blocks.allocate(IDS_AT + content.length);
    const [page, at] = [this.blocks.page(address), this.blocks.offset(address)];
    page.fill(0, at, at + IDS_AT);
    page.writeUInt32LE(queue.line, at);
    page.writeUInt16LE(IDS_AT + content.length, at + SIZE_AT);
    if (queue.link !== null) {
      page.writeUIntLE(queue.link.at, at + LINK_AT, LINK_AT_BYTES);
      page.writeUInt32LE(queue.link.bytes, at + LINK_BYTES_AT);
    }
    page.set(content, at + IDS_AT);
    this.setDays(address, queue.days);
    return address;
  }

  /** In memory of its own. */
  read(address: number): LoggedQueue {
    const [page, at] = [this.blocks.page(address), this.blocks.offset(address)];
    const r = new Reader(copyBytes(page.subarray(at + IDS_AT, at + page.readUInt16LE(at + SIZE_AT))));
    const [recipientId, senderId, notifierId, linkId] = PARTIES.map(() => shortString.read(r)) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const { notifier, ...others } = rest.read(r);
    const [days, linkBytes] = [page.readUInt16LE(at + DAYS_AT), page.readUInt32LE(at + LINK_BYTES_AT)];
    const whole: Notifier | null = notifier === null ? null : { notifierId, ...notifier };
    return {
      line: page.readUInt32LE(at),
      record: { ...others, recipientId, senderId, notifier: whole, linkId: linkId.length === 0 ? null : linkId },
      days: days === 0 ? null : days - 1,
      link: linkBytes === 0 ? null : { at: page.readUIntLE(at + LINK_AT, LINK_AT_BYTES), bytes: linkBytes },
    };
  }

  free(address: number): void {
    this.blocks.free(address, this.blocks.page(address).readUInt16LE(this.blocks.offset(address) + SIZE_AT));
  }

  line(address: number): number {
    return this.blocks.page(address).readUInt32LE(this.blocks.offset(address));
  }

  setDays(address: number, days: number | null): void {
    this.blocks.page(address).writeUInt16LE(days === null ? 0 : days + 1, this.blocks.offset(address) + DAYS_AT);
  }

  /** 0 for none. */
  firstRun(address: number, of: RunsOf): number {
    return this.blocks.page(address).readUInt32LE(this.blocks.offset(address) + RUN_AT[of]);
  }

  setFirstRun(address: number, of: RunsOf, run: number): void {
    this.blocks.page(address).writeUInt32LE(run, this.blocks.offset(address) + RUN_AT[of]);
  }

  /** Sets whether a walk has been here; answers whether that is new. */
  mark(address: number, isMarked: boolean): boolean {
    const [page, at] = [this.blocks.page(address), this.blocks.offset(address) + MARK_AT];
    const before = page[at] === 1;
    page[at] = isMarked ? 1 : 0;
    return before !== isMarked;
  }
}

function encoded({ record }: LoggedQueue): Uint8Array {
  const w = new Writer();
  for (const id of Object.values(idsOf(record))) shortString.write(w, id ?? EMPTY_BYTES);
  rest.write(w, record);
  return w.finish();
}
