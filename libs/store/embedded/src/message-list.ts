/**
 * The list of a queue's messages: rows `head` up to `next` without a gap. Functions here run inside a step and answer
 * with the queue's row as it is afterwards; they keep the count of messages.
 */
import { EMPTY_BYTES } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import type { Message } from '@polyplex/store-contract';
import { type Engine, present } from './engine.ts';
import { listKey } from './keys.ts';
import type { QueueRow } from './value-formats.ts';

export function size(row: QueueRow): number {
  return row.next - row.head;
}

/** The first message; null for an empty queue. */
export function headOf(engine: Engine, recipientId: Uint8Array, row: QueueRow): Message | null {
  return size(row) === 0 ? null : present(engine.tables.messages.get(listKey(recipientId, row.head)));
}

/** All messages, in order. Throws DAMAGED where one cannot be read. */
export function messagesOf(engine: Engine, recipientId: Uint8Array, row: QueueRow): Message[] {
  if (size(row) === 0) return [];
  const rows = engine.tables.messages.rows(listKey(recipientId, row.head), listKey(recipientId, row.next), size(row));
  const messages = rows.map(({ value }) => present(value));
  if (messages.length < size(row)) throw storeError('DAMAGED');
  return messages;
}

/** The first message, good until the next read of any table; null for an empty queue. */
export function peekHead(engine: Engine, recipientId: Uint8Array, row: QueueRow): Message | null {
  return size(row) === 0 ? null : present(engine.tables.messages.peek(listKey(recipientId, row.head)));
}

/** Appends a message that `encodeValue` wrote, and writes the queue's row. */
export function put(
  engine: Engine, recipientId: Uint8Array, row: QueueRow, item: { encoded: Uint8Array; message: Message; notified: boolean },
): void {
  engine.tables.messages.putEncoded(listKey(recipientId, row.next), item.encoded);
  engine.tables.queues.put(recipientId, {
    ...row,
    headTs: size(row) === 0 ? item.message.ts : row.headTs,
    next: row.next + 1,
    closed: item.message.kind === 'quota',
    lastId: item.message.msgId,
    notified: row.notified + Number(item.notified),
  });
  engine.counters.add('messages', 1);
}

/** Puts the messages of a new queue, which `encodeValue` wrote; its row is the caller's business. */
export function putMessages(engine: Engine, recipientId: Uint8Array, encoded: readonly Uint8Array[]): void {
  encoded.forEach((bytes, seq) => engine.tables.messages.putEncoded(listKey(recipientId, seq), bytes));
  engine.counters.add('messages', encoded.length);
}

/** Removes the first message, and writes the queue's row. */
export function removeHead(engine: Engine, recipientId: Uint8Array, row: QueueRow): QueueRow {
  engine.tables.messages.remove(listKey(recipientId, row.head));
  const moved = { ...row, head: row.head + 1 };
  const after = {
    ...moved,
    headTs: peekHead(engine, recipientId, moved)?.ts ?? 0,
    closed: row.closed && size(moved) > 0,
    // The message that a marker stood for was never stored: offered again, it is new.
    lastId: headIsMarker(row) ? EMPTY_BYTES : row.lastId,
  };
  engine.tables.queues.put(recipientId, after);
  engine.counters.add('messages', -1);
  return after;
}

/** Whether the first message is a marker: it is always the last one, too. */
function headIsMarker(row: QueueRow): boolean {
  return row.closed && size(row) === 1;
}

/** Whether the first message is older than `before` and not a marker (SMP §8.4: only the head expires). */
export function headExpired(row: QueueRow, before: number): boolean {
  return size(row) > 0 && row.headTs < before && !headIsMarker(row);
}

/** Removes all expired messages from the head; how many, and the row afterwards. */
export function removeExpired(engine: Engine, recipientId: Uint8Array, given: QueueRow, before: number) {
  let row = given;
  let removed = 0;
  while (headExpired(row, before)) {
    row = removeHead(engine, recipientId, row);
    removed++;
  }
  return { row, removed };
}

/** Removes all messages of a queue that is going away; its row is the caller's business. */
export function removeAllMessages(engine: Engine, recipientId: Uint8Array, row: QueueRow): number {
  for (let seq = row.head; seq < row.next; seq++) engine.tables.messages.remove(listKey(recipientId, seq));
  engine.counters.add('messages', -size(row));
  return size(row);
}
