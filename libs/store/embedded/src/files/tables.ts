/** The tables of the file store, and their keys. Ids are keys as they are. */
import { concatBytes, copyBytes } from '@polyplex/base';
import type { Codec } from '@polyplex/codec';
import { MAX_ID_BYTES } from '@polyplex/store-common';
import type { RootDatabase } from 'lmdb';
import { Table } from '../tables.ts';
import * as formats from './value-formats.ts';

type ValueOf<C> = C extends Codec<infer T> ? T : never;

export interface FileTables {
  readonly root: RootDatabase;
  readonly usage: Table<ValueOf<typeof formats.usageRow>>;
  readonly files: Table<formats.FileRow>;
  readonly recipients: Table<ValueOf<typeof formats.recipientRow>>;
  /** Which recipients a file has: `recipientKey`. */
  readonly fileRecipients: Table<ValueOf<typeof formats.mark>>;
  /** Files by the time of their creation: `timeKey` of seconds and sender id. */
  readonly ages: Table<ValueOf<typeof formats.mark>>;
  readonly bodies: Table<formats.BodyRow>;
  /** Bodies that no file has, by `due`: `timeKey` of milliseconds and body id. */
  readonly due: Table<ValueOf<typeof formats.mark>>;
}

const TIME_BYTES = 6;
const MAX_TIME = 2 ** (8 * TIME_BYTES) - 1;

export function openFileTables(root: RootDatabase): FileTables {
  return {
    root,
    usage: new Table(root, 'usage', formats.usageRow),
    files: new Table(root, 'files', formats.fileRow),
    recipients: new Table(root, 'recipients', formats.recipientRow),
    fileRecipients: new Table(root, 'file-recipients', formats.mark, 1 + 2 * MAX_ID_BYTES),
    ages: new Table(root, 'ages', formats.mark),
    bodies: new Table(root, 'bodies', formats.bodyRow),
    due: new Table(root, 'due', formats.mark),
  };
}

/** Sorts by time. With nothing behind it: before all keys of that time. */
export function timeKey(time: number, id: Uint8Array): Uint8Array {
  const key = new Uint8Array(TIME_BYTES + id.length);
  let rest = Math.min(Math.max(0, Math.floor(time)), MAX_TIME);
  for (let i = TIME_BYTES - 1; i >= 0; i--) {
    key[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  key.set(id, TIME_BYTES);
  return key;
}

export function timeOfTimeKey(key: Uint8Array): number {
  return key.subarray(0, TIME_BYTES).reduce((time, byte) => 256 * time + byte, 0);
}

/** The id in a `timeKey`, in memory of its own. */
export function idOfTimeKey(key: Uint8Array): Uint8Array {
  return copyBytes(key.subarray(TIME_BYTES));
}

/** A recipient in the list of its file. The length keeps files apart whose ids begin alike. */
export function recipientKey(senderId: Uint8Array, recipientId: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(senderId.length), senderId, recipientId);
}

/** The first and the last recipient ids that there may be, and more. */
const FIRST = new Uint8Array(0);
const BEYOND = new Uint8Array(MAX_ID_BYTES + 1).fill(0xff);
const RECIPIENTS_A_READ = 1000;

/** The ids of all recipients of a file. */
export function recipientIdsOf({ fileRecipients }: FileTables, senderId: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  const end = recipientKey(senderId, BEYOND);
  let start = recipientKey(senderId, FIRST);
  for (;;) {
    const rows = fileRecipients.rows(start, end, RECIPIENTS_A_READ);
    for (const { key } of rows) found.push(copyBytes(key.subarray(1 + senderId.length)));
    if (rows.length < RECIPIENTS_A_READ) return found;
    start = concatBytes(rows.at(-1)!.key, Uint8Array.of(0));
  }
}

/** Body ids are names: ASCII. */
export function bodyKey(bodyId: string): Uint8Array {
  return Uint8Array.from(bodyId, (character) => character.charCodeAt(0));
}

export function bodyIdOf(key: Uint8Array): string {
  return String.fromCharCode(...key);
}
