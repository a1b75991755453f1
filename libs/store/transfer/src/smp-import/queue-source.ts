/** Whole queues out of the files of the reference: the record from the log, the rest from where it lies. */
import { DAY, EMPTY_BYTES } from '@polyplex/base';
import type { LinkData, Message, Notification, StoredQueue } from '@polyplex/store-contract';
import type { EntryFault } from '../smp-entries/entry-fault.ts';
import type { EntrySource, FileParts } from '../smp-entries/entry-file.ts';
import { readNotification } from '../smp-entries/entry-line.ts';
import { MessageFold } from '../smp-entries/message-fold.ts';
import type { LoggedQueue } from '../smp-log/queue-blocks.ts';
import type { QueueFold } from '../smp-log/queue-fold.ts';
import { linkDataOf } from '../smp-log/log-record.ts';
import type { BadLine } from '../text-log/bad-line.ts';
import { OldServerError } from './old-server-error.ts';

/** Everything that a relay of the reference kept, as its files have it. */
export interface OldServer {
  readonly queues: QueueFold;
  /** The file of the log. */
  readonly log: FileParts;
  /** Null where none were saved. */
  readonly messages: EntrySource | null;
  readonly notifications: EntrySource | null;
}

/** Seconds since 1970, but for the quota. */
export interface QueueRules {
  /** How many messages a queue holds. */
  readonly quota: number;
  /** What is older has expired. */
  readonly messagesFrom: number;
  readonly notificationsFrom: number;
  /** Of last use, for queues of which the log does not know it. */
  readonly usedDay: number;
}

export interface FoundQueue {
  /** Of the log. */
  readonly line: number;
  readonly queue: StoredQueue;
  /** How many messages and notifications had expired. */
  readonly expired: { readonly messages: number; readonly notifications: number };
}

export type OnBadEntry = (of: 'messages' | 'notifications', bad: BadLine<EntryFault>) => void;

/** `old`: how many had expired. */
interface Notes {
  readonly notifications: readonly Notification[];
  readonly old: number;
}

const NONE: Notes = { notifications: [], old: 0 };
const DAY_SECONDS = DAY / 1000;
/** No engine keeps more of a notifier. */
const MOST_NOTIFICATIONS = 128;

/** The queue at an address. Throws `OldServerError` where the log is not the one that was read. */
export async function readQueue(server: OldServer, address: number, rules: QueueRules, onBad: OnBadEntry): Promise<FoundQueue> {
  const found = server.queues.stored.read(address);
  const link = await linkOf(server.log, found);
  const { messages, expired } = await messagesOf(server, address, rules, onBad);
  const { notifications, old } = found.record.notifier === null ? NONE : await notificationsOf(server, address, rules, onBad);
  const record = { ...found.record, usedDay: found.days === null ? rules.usedDay : found.days * DAY_SECONDS, revision: 1 };
  return {
    line: found.line, expired: { messages: expired, notifications: old },
    queue: { record, link, messages, notifications, lastId: EMPTY_BYTES },
  };
}

async function linkOf(log: FileParts, { link }: LoggedQueue): Promise<LinkData | null> {
  if (link === null) return null;
  const data = linkDataOf(Buffer.from(await log.read(link.at, link.bytes)).toString('latin1'));
  if (data === null) throw new OldServerError('CHANGED', 'the log is not the one that was read');
  return data;
}

async function messagesOf({ messages }: OldServer, address: number, rules: QueueRules, onBad: OnBadEntry): Promise<{ readonly messages: readonly Message[]; readonly expired: number }> {
  const onBadLine = (bad: BadLine<EntryFault>): void => onBad('messages', bad);
  const fold = new MessageFold(rules.quota, onBadLine);
  if (messages !== null) for await (const entry of messages.entriesOf(address, onBadLine)) fold.take(entry);
  return fold.messages(rules.messagesFrom);
}

async function notificationsOf({ notifications }: OldServer, address: number, rules: QueueRules, onBad: OnBadEntry): Promise<Notes> {
  if (notifications === null) return NONE;
  const kept: Notification[] = [];
  let old = 0;
  const onBadLine = (bad: BadLine<EntryFault>): void => onBad('notifications', bad);
  for await (const { line, rest } of notifications.entriesOf(address, onBadLine)) {
    const notification = readNotification(rest);
    if (typeof notification === 'string') onBadLine({ line, fault: notification, loses: true });
    else if (notification.ts < rules.notificationsFrom) old++;
    else kept.push(notification);
    if (kept.length > MOST_NOTIFICATIONS) kept.shift();
  }
  return { notifications: kept, old };
}
