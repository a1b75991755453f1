/** Old relays, from vectors or made of lines, and stores to bring them to. */
import type { Message, Notification, QueueStore, StoredQueue, Transfer } from '@polyplex/store-contract';
import { openRedisStore } from '@polyplex/store-redis';
import { onTestFinished } from 'vitest';
import {
  type BadLine, checkQueues, type EntryFault, type EntryKind, type EntrySource, type FoundQueue, importQueues, openEntryFile, openJournal, type OldServer, type QueueFold, type QueueOutcome, type QueueRules, verifyQueues,
} from '../src/index.ts';
import { unique } from './log-lines.ts';
import {
  anyKey, anyLink, anyMessage, anyNotification, anyNotifier, anyQueue, type AnyQueue, create, DAY_TIME, inChunks, linesText, marker, messageLine, newService, anyService, notificationLine, partsOf, readLog,
} from './smp-lines.ts';
import { vector, vectorJournals, type VectorFolder } from './smp-vectors.ts';

export interface ReadServer {
  readonly server: OldServer;
  readonly bad: (readonly [of: 'log' | EntryKind, bad: BadLine<string>])[];
}

export interface ServerFiles {
  readonly log: Uint8Array;
  readonly messages: Uint8Array | null;
  readonly notifications: Uint8Array | null;
}

/** Reads them as the command line does. `journal`: in place of a file of messages. */
export async function readServer({ log, messages, notifications }: ServerFiles, journal?: (queues: QueueFold) => EntrySource): Promise<ReadServer> {
  const bad: ReadServer['bad'] = [];
  const read = await readLog(log);
  bad.push(...read.bad.map((line) => ['log', line] as const));
  const { queues } = read.log;
  const file = (kind: EntryKind, bytes: Uint8Array | null): Promise<EntrySource> | null =>
    bytes === null ? null : openEntryFile({ kind, queues, parts: partsOf(bytes) }, inChunks(bytes, 65_536), (line) => bad.push([kind, line]));
  return { bad, server: { queues, log: partsOf(log), messages: journal?.(queues) ?? (await file('messages', messages)), notifications: await file('notifications', notifications) } };
}

export function vectorServer(folder: VectorFolder): Promise<ReadServer> {
  const files = { log: vector(folder, 'log/smp-server-store.log'), notifications: vector(folder, 'log/smp-server-ntfs.log') };
  if (folder === 'smp-server-journal') return readServer({ ...files, messages: null }, (queues) => openJournal(queues, vectorJournals));
  return readServer({ ...files, messages: vector(folder, 'log/smp-server-messages.log') });
}

const RULES: QueueRules = { quota: 128, messagesFrom: 0, notificationsFrom: 0, usedDay: 20_000 * 86_400 };

export interface Walked {
  readonly outcomes: Record<QueueOutcome | 'right', number>;
  readonly services: Record<QueueOutcome, number>;
  readonly found: readonly FoundQueue[];
  readonly bad: readonly (readonly [EntryKind, BadLine<EntryFault>])[];
}

interface Walking {
  readonly rules?: Partial<QueueRules>;
  /** Interrupts after so many queues. */
  readonly queues?: number;
}

function walking({ rules, queues = Infinity }: Walking) {
  const walked = { outcomes: { written: 0, present: 0, collision: 0, right: 0 }, services: { written: 0, present: 0, collision: 0 }, found: [] as FoundQueue[], bad: [] as (readonly [EntryKind, BadLine<EntryFault>])[] };
  const controller = new AbortController();
  const options = {
    rules: { ...RULES, ...rules }, signal: controller.signal,
    onBadEntry: (of: EntryKind, bad: BadLine<EntryFault>) => void walked.bad.push([of, bad]),
    onService: (outcome: QueueOutcome) => void walked.services[outcome]++,
    onQueue: (found: FoundQueue, outcome: QueueOutcome | 'right') => {
      walked.found.push(found);
      walked.outcomes[outcome]++;
      if (walked.found.length >= queues) controller.abort();
    },
  };
  return { walked, options };
}

export async function imported(store: Pick<Transfer, 'writeQueue' | 'writeService'>, server: OldServer, how: Walking = {}): Promise<Walked> {
  const { walked, options } = walking(how);
  await importQueues(store, server, options);
  return walked;
}

export async function checked(server: OldServer, how: Walking = {}): Promise<Walked> {
  const { walked, options } = walking(how);
  await checkQueues(server, options);
  return walked;
}

export async function verified(store: Pick<Transfer, 'readQueues' | 'readServices'>, server: OldServer, rules: Partial<QueueRules> = {}) {
  return (await verifyQueues(store, server, { rules: { ...RULES, ...rules }, signal: new AbortController().signal, progress: () => undefined }))!;
}

let made = 0;

/** In a Redis, under names of its own. */
export async function newRedisStore(port: number): Promise<QueueStore> {
  const store = await openRedisStore({ servers: [{ host: '127.0.0.1', port }], prefix: `s${String(process.pid)}x${String(made++)}` });
  onTestFinished(() => store.close());
  return store;
}

export interface OldQueue {
  readonly queue: AnyQueue;
  readonly messages: readonly Message[];
  readonly notifications: readonly Notification[];
}

/** Queues of every kind: with and without sender, link, notifier, service, messages, marker; blocked and off. */
export function oldQueues(count: number, service = anyService('M'), notifierService = anyService('N')): OldQueue[] {
  return Array.from({ length: count }, (_, i) => {
    const notifier = i % 3 === 0 ? anyNotifier({ serviceId: i % 9 === 0 ? notifierService.serviceId : null }) : null;
    const queue = anyQueue({
      mode: i % 11 === 0 ? null : i % 2 === 0 ? 'M' : 'C', senderKey: i % 4 === 0 ? null : anyKey('x25519'), notifier, serviceId: i % 10 === 0 ? service.serviceId : null,
      ...(i % 5 === 0 ? { linkId: unique(24), link: anyLink(500) } : {}),
      status: i % 13 === 0 ? { state: 'off' } : i % 17 === 0 ? { state: 'blocked', info: { reason: 'spam', notice: { ttl: i } } } : { state: 'active' },
    });
    const messages: Message[] = Array.from({ length: i % 7 }, (__, n) => anyMessage({ body: unique(30 + n * 100), notify: n % 2 === 0 }));
    if (i % 21 === 6) messages.push(marker());
    return { queue, messages, notifications: notifier === null ? [] : Array.from({ length: i % 4 }, () => anyNotification()) };
  });
}

/** Their files. */
export function filesOf(queues: readonly OldQueue[], before: readonly string[] = []): ServerFiles {
  return {
    log: linesText([...before, ...queues.map(({ queue }) => create(queue))]),
    messages: linesText(queues.flatMap(({ queue, messages }) => messages.map((message) => messageLine(queue, message)))),
    notifications: linesText(queues.flatMap(({ queue, notifications }) => notifications.map((each) => notificationLine(queue.notifier!, each)))),
  };
}

export function storedOf({ queue: { link, ...record }, messages, notifications }: OldQueue): StoredQueue {
  return { record: { ...record, usedDay: DAY_TIME, revision: 1 }, link: link ?? null, messages, notifications, lastId: new Uint8Array(0) };
}

/** A relay with so many queues and two services. */
export async function largeServer(count: number): Promise<{ readonly queues: readonly OldQueue[]; readonly server: OldServer }> {
  const services = [anyService('M'), anyService('N')] as const;
  const queues = oldQueues(count, ...services);
  const { server, bad } = await readServer(filesOf(queues, services.map(newService)));
  if (bad.length > 0) throw new RangeError('the lines of the test are wrong');
  return { queues, server };
}

export const idOf = (hexText: string): Uint8Array => new Uint8Array(Buffer.from(hexText, 'hex'));
