/**
 * Lines of a transfer's journal: JSON objects with a `kind`. The journal is our own file, and still read with care: it may
 * be of another program version, another transfer's, or damaged.
 */
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { decodePrivateKey, encodePrivateKey } from '@polyplex/crypto';
import type { AuthPrivateKey } from '../authorizer.ts';
import { XftpFileError } from './file-error.ts';
import type { EntityKey } from './xftp-session.ts';

type Fields = Readonly<Record<string, unknown>>;

export function journalLine(kind: string, fields: Fields): string {
  return JSON.stringify({ kind, ...fields });
}

/** An id with its key, as text. */
export function entityText({ id, key }: EntityKey): readonly [string, string] {
  return [toBase64Url(id), toBase64Url(encodePrivateKey(key))];
}

/** One line; every method throws `JOURNAL` where the value is not of its kind. */
export class JournalLine {
  readonly kind: string;
  private readonly fields: Fields;

  constructor(text: string) {
    this.fields = objectOf(text);
    this.kind = this.text('kind');
  }

  text(name: string): string {
    const value = this.fields[name];
    if (typeof value !== 'string') throw unreadable();
    return value;
  }

  /** A whole number from 0 up. */
  count(name: string): number {
    const value = this.fields[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw unreadable();
    return value;
  }

  bytes(name: string): Uint8Array {
    return bytesOf(this.fields[name]);
  }

  list(name: string): readonly unknown[] {
    const value = this.fields[name];
    if (!Array.isArray(value)) throw unreadable();
    return value;
  }

  entity(name: string): EntityKey {
    return entityOf(this.fields[name]);
  }

  entities(name: string): readonly EntityKey[] {
    return this.list(name).map(entityOf);
  }
}

/** Bytes that stand in a list of a line. */
export function bytesOf(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? fromBase64Url(value) : null;
  if (bytes === null) throw unreadable();
  return bytes;
}

export function unreadable(cause?: unknown): XftpFileError {
  return new XftpFileError('JOURNAL', 'the state of the transfer cannot be read', { cause });
}

function entityOf(value: unknown): EntityKey {
  if (!Array.isArray(value)) throw unreadable();
  const key = decodePrivateKey(bytesOf(value[1]));
  if (key === null || key.kind === 'x448') throw unreadable();
  return { id: bytesOf(value[0]), key: key as AuthPrivateKey };
}

function objectOf(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(error);
  }
  if (typeof value !== 'object' || value === null) throw unreadable();
  return value as Fields;
}
