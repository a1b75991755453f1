/**
 * The sub-databases of one LMDB environment, each with the codec of its values. Reads inside a write transaction see
 * that transaction, others the last commit. What a read returns owns its memory.
 *
 * Writes belong inside the write queue's transaction: they take effect at once there and throw when they fail.
 */
import { copyBytes } from '@polyplex/base';
import { type Codec, DecodeError } from '@polyplex/codec';
import {
  decodeValue, encodeValue, linkData, message, notification, service, type StoredService,
} from '@polyplex/store-common';
import type { LinkData, Message, Notification } from '@polyplex/store-contract';
import { type Database, open, type RootDatabase } from 'lmdb';
import { MAX_KEY_BYTES } from './keys.ts';
import * as formats from './value-formats.ts';

/** Address space, not memory or disk: the map grows beyond it when the data does. */
const MAP_BYTES = 2 ** 36;
const MAX_TABLES = 16;
const MAX_READERS = 16;

export interface Row<T> {
  readonly key: Uint8Array;
  /** Null when it is damaged. */
  readonly value: T | null;
}

export class Table<T> {
  private readonly db: Database<Uint8Array, Uint8Array>;
  private readonly format: Codec<T>;
  private readonly maxKeyBytes: number;

  /** `maxKeyBytes`: a longer key names no row. */
  constructor(root: RootDatabase, name: string, format: Codec<T>, maxKeyBytes = MAX_KEY_BYTES) {
    this.db = root.openDB<Uint8Array, Uint8Array>({ name, encoding: 'binary', keyEncoding: 'binary' });
    this.format = format;
    this.maxKeyBytes = maxKeyBytes;
  }

  get(key: Uint8Array): T | null {
    const bytes = this.view(key);
    if (bytes === null) return null;
    const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length); // cheaper than clearing and setting
    return decodeValue(this.format, new Uint8Array(copy));
  }

  /** Reads a value without copying it; the result, and all its views, are good until the next read of any table. */
  peek(key: Uint8Array): T | null {
    const bytes = this.view(key);
    return bytes === null ? null : decodeValue(this.format, bytes);
  }

  has(key: Uint8Array): boolean {
    return this.view(key) !== null;
  }

  put(key: Uint8Array, value: T): void {
    this.putEncoded(key, encodeValue(this.format, value));
  }

  /** Puts a value that `encodeValue` wrote with this table's format. */
  putEncoded(key: Uint8Array, bytes: Uint8Array): void {
    this.db.putSync(key, bytes);
  }

  /** False when there was no such row. */
  remove(key: Uint8Array): boolean {
    return this.db.removeSync(key);
  }

  /** Rows from `start` on, below `end`, in the order of the keys. */
  rows(start: Uint8Array, end: Uint8Array | undefined, limit: number): Row<T>[] {
    const range = { start, limit, ...(end === undefined ? {} : { end }) };
    const rows: Row<T>[] = [];
    for (const { key, value } of this.db.getRange(range)) {
      rows.push({ key: copyBytes(key), value: readable(() => decodeValue(this.format, copyBytes(value))) });
    }
    return rows;
  }

  /** The first key from `start` on; null when there is none. */
  firstKey(start: Uint8Array): Uint8Array | null {
    for (const key of this.db.getKeys({ start, limit: 1 })) return copyBytes(key);
    return null;
  }

  /** lmdb's own buffer, used again by every read; only its `length` tells where the value ends. */
  private view(key: Uint8Array): Uint8Array<ArrayBuffer> | null {
    if (key.length === 0 || key.length > this.maxKeyBytes) return null;
    return (this.db.getBinaryFast(key) as Uint8Array<ArrayBuffer> | undefined) ?? null;
  }
}

/** What `read` answers; null when the value that it reads is damaged. */
export function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

export interface Tables {
  readonly root: RootDatabase;
  readonly counts: Table<formats.Counts>;
  readonly queues: Table<formats.QueueRow>;
  readonly senders: Table<Uint8Array>;
  readonly notifiers: Table<Uint8Array>;
  readonly links: Table<Uint8Array>;
  readonly linkData: Table<LinkData>;
  readonly messages: Table<Message>;
  readonly notifications: Table<Notification>;
  readonly services: Table<StoredService>;
  readonly serviceQueues: Table<number>;
}

/** Opens the environment in a data file: every commit is flushed before it is reported or seen. */
export function openRoot(file: string): RootDatabase {
  const options = {
    path: file,
    noSubdir: true,
    // With overlapping flushes, commits would be seen, and reported, before they are durable.
    overlappingSync: false,
    // The write queue groups steps itself. lmdb's own groups hold a promise that nobody can catch when a commit fails.
    eventTurnBatching: false,
    mapSize: MAP_BYTES,
    maxDbs: MAX_TABLES,
    maxReaders: MAX_READERS,
    encoding: 'binary',
    keyEncoding: 'binary',
    permissionsMode: 0o600,
  } as const;
  return open(options);
}

/** For one look: changes nothing, and sees what is committed whoever else has it open. */
export function openToRead(file: string): RootDatabase {
  return open({ path: file, noSubdir: true, readOnly: true, mapSize: MAP_BYTES, maxDbs: MAX_TABLES, maxReaders: MAX_READERS, encoding: 'binary', keyEncoding: 'binary' });
}

export function openTables(root: RootDatabase): Tables {
  return {
    root,
    counts: new Table(root, 'counts', formats.counts),
    queues: new Table(root, 'queues', formats.queueRow),
    senders: new Table(root, 'senders', formats.id),
    notifiers: new Table(root, 'notifiers', formats.id),
    links: new Table(root, 'links', formats.id),
    linkData: new Table(root, 'link-data', linkData),
    messages: new Table(root, 'messages', message),
    notifications: new Table(root, 'notifications', notification),
    services: new Table(root, 'services', service),
    serviceQueues: new Table(root, 'service-queues', formats.count),
  };
}

