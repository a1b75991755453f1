/** A record store with the types of an agent's records. */
import { randomBytes } from '@polyplex/crypto';
import type { RecordReader, RecordWriter } from '@polyplex/store-contract';
import { ApplicationReader } from './application-records.ts';
import type { Connection, Kinds, ReceivingQueue, SendingQueue, Task, TaskRecord } from './records.ts';

const NUMBER_DIGITS = 12;
const ID_BYTES = 16;

/** A new id for connections, queues and offers. */
export function newId(): string {
  return Buffer.from(randomBytes(ID_BYTES)).toString('base64url');
}

/** Numbers as keys that sort. */
export function sortable(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
}

export class Reading {
  protected readonly records: RecordReader;

  constructor(records: RecordReader) {
    this.records = records;
  }

  get<K extends keyof Kinds>(kind: K, key: string): Kinds[K] | undefined {
    return this.records.get(kind, key) as Kinds[K] | undefined;
  }

  list<K extends keyof Kinds>(kind: K, prefix = '', limit?: number): readonly { readonly key: string; readonly value: Kinds[K] }[] {
    return this.records.list(kind, prefix, limit) as readonly { readonly key: string; readonly value: Kinds[K] }[];
  }

  get application(): RecordReader {
    return new ApplicationReader(this.records);
  }

  receivingOf(connectionId: string): readonly ReceivingQueue[] {
    return this.#of('receiving', connectionId);
  }

  /** The primary first. */
  sendingOf(connectionId: string): readonly SendingQueue[] {
    return this.#of('sending', connectionId).toSorted((a, b) => Number(b.isPrimary) - Number(a.isPrimary));
  }

  #of<K extends 'receiving' | 'sending'>(kind: K, connectionId: string): Kinds[K][] {
    return this.list(`${kind}-of`, `${connectionId}/`).map(({ key }) => this.get(kind, key.slice(connectionId.length + 1))!);
  }
}

export class Changing extends Reading {
  protected override readonly records: RecordWriter;

  constructor(records: RecordWriter) {
    super(records);
    this.records = records;
  }

  put<K extends keyof Kinds>(kind: K, key: string, value: Kinds[K]): void {
    this.records.put(kind, key, value);
  }

  remove(kind: keyof Kinds, key: string): void {
    this.records.remove(kind, key);
  }

  removeAll(kind: keyof Kinds, prefix: string): void {
    for (const { key } of this.list(kind, prefix)) this.remove(kind, key);
  }

  /** Changes fields of a record that is there. */
  update<K extends 'connection' | 'receiving' | 'sending'>(kind: K, key: string, fields: Partial<Kinds[K]>): Kinds[K] {
    const changed = { ...this.get(kind, key)!, ...fields };
    this.put(kind, key, changed);
    return changed;
  }

  addReceiving(queue: ReceivingQueue): void {
    this.put('receiving', queue.queueId, queue);
    this.put('receiving-of', `${queue.connectionId}/${queue.queueId}`, true);
  }

  addSending(queue: SendingQueue): void {
    this.put('sending', queue.queueId, queue);
    this.put('sending-of', `${queue.connectionId}/${queue.queueId}`, true);
  }

  /** With everything that waits for it. */
  removeSending({ queueId, connectionId }: SendingQueue): void {
    this.removeAll('task', `${queueId}/`);
    this.remove('sending', queueId);
    this.remove('sending-of', `${connectionId}/${queueId}`);
  }

  /** Puts a task at the end of a lane. */
  addTask({ connectionId }: Pick<Connection, 'connectionId'>, lane: string, { task, now }: { readonly task: Task; readonly now: number }): void {
    const number = (this.get('counter', 'task') ?? 0) + 1;
    this.put('counter', 'task', number);
    const record: TaskRecord = { task, connectionId, since: now };
    this.put('task', `${lane}/${sortable(number)}`, record);
  }
}
