/**
 * The audit log as files: JSON lines, readable by their owner alone, set aside by size, the oldest given up. Ids are in
 * it as hashes under a key that lies beside it, so that who has the log and knows an id, but not the key, learns nothing.
 *
 * Several processes may append to one log (`start --workers`): a line is one write at the end of the file, and what is set
 * aside gets a name of its own.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type AuditAction, type AuditEntry, auditEntrySchema } from '@polyplex/admin-api';
import { type Clock, systemClock } from '@polyplex/base';
import { auditKey } from './audit-key.ts';
import type { AuditLog } from './audit-log.ts';

const MEBIBYTE = 1024 * 1024;
/** 48 bits: enough to tell the queues of one log apart. */
const TARGET_DIGITS = 12;
const COUNT_DIGITS = 6;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
const DAY_TEXT_LENGTH = '2026-01-01'.length;

export interface AuditFileOptions {
  readonly clock?: Pick<Clock, 'now'>;
  /** A longer file is set aside; default 1 MiB, some 6000 lines. */
  readonly maxBytes?: number;
  /** So many of those set aside are kept; default 10. */
  readonly keep?: number;
  /** So many entries are the latest; default 200. */
  readonly latest?: number;
}

/** Makes what is missing of the log, its folder and its key; rejects with the system's error. */
export async function openAuditFile(path: string, options: AuditFileOptions = {}): Promise<AuditLog> {
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const log = new AuditFile(path, await auditKey(`${path}.key`), options);
  await log.ready();
  return log;
}

class AuditFile implements AuditLog {
  readonly #path: string;
  readonly #key: Buffer;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #maxBytes: number;
  readonly #keep: number;
  readonly #latest: number;
  /** In names, so that their order is that of the files, and random digits tell processes apart. */
  #setAsideCount = 0;
  /** One write after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(path: string, key: Buffer, { clock = systemClock, maxBytes = MEBIBYTE, keep = 10, latest = 200 }: AuditFileOptions) {
    this.#path = path;
    this.#key = key;
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
    this.#latest = latest;
  }

  targetOf(id: string): string {
    return createHmac('sha256', this.#key).update(id.replace(/=+$/, '')).digest('hex').slice(0, TARGET_DIGITS);
  }

  append(entry: Omit<AuditEntry, 'time'>): Promise<void> {
    const line = `${JSON.stringify({ time: new Date(this.#clock.now()).toISOString(), ...entry })}\n`;
    return this.#inTurn(() => this.#write(line));
  }

  async latest(): Promise<readonly AuditEntry[]> {
    const found: AuditEntry[] = [];
    for (const path of (await this.#files()).reverse()) {
      found.unshift(...(await entriesIn(path)));
      if (found.length >= this.#latest) break;
    }
    return found.slice(-this.#latest);
  }

  async takenToday(action: AuditAction): Promise<number> {
    const today = new Date(this.#clock.now()).toISOString().slice(0, DAY_TEXT_LENGTH);
    let taken = 0;
    for (const path of (await this.#files()).reverse()) {
      const entries = await entriesIn(path);
      taken += entries.filter((entry) => entry.action === action && entry.result === 'ok' && entry.time.startsWith(today)).length;
      if (entries.some(({ time }) => time < today)) break;
    }
    return taken;
  }

  /** Sees to it as well that the next line begins one: a process may have ended within the last. */
  ready(): Promise<void> {
    return this.#inTurn(() => this.#mend());
  }

  async #mend(): Promise<void> {
    const file = await open(this.#path, 'a+', OWNER_ONLY);
    try {
      const { size } = await file.stat();
      if (size === 0) return;
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
      if (buffer.toString('latin1') !== '\n') await file.appendFile('\n');
    } finally {
      await file.close();
    }
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #write(line: string): Promise<void> {
    const file = await open(this.#path, 'a', OWNER_ONLY);
    let size: number;
    try {
      await file.appendFile(line);
      await file.datasync();
      ({ size } = await file.stat());
    } finally {
      await file.close();
    }
    // The line is there: a log that cannot be set aside grows instead.
    if (size > this.#maxBytes) await this.#setAside().catch(() => undefined);
  }

  async #setAside(): Promise<void> {
    const time = new Date(this.#clock.now()).toISOString().replaceAll(':', '-');
    const count = String(this.#setAsideCount++).padStart(COUNT_DIGITS, '0');
    await rename(this.#path, `${this.#path}.${time}-${count}-${randomBytes(2).toString('hex')}`);
    const aside = (await this.#files()).filter((path) => path !== this.#path);
    for (const path of aside.slice(0, -this.#keep)) await rm(path, { force: true });
  }

  /** Oldest first, the one that is written last. */
  async #files(): Promise<string[]> {
    const name = basename(this.#path);
    const aside = (await readdir(dirname(this.#path))).filter((each) => each.startsWith(`${name}.2`)).sort();
    return [...aside.map((each) => join(dirname(this.#path), each)), this.#path];
  }
}

async function entriesIn(path: string): Promise<AuditEntry[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''; // set aside or given up just now
    throw error;
  });
  return text.split('\n').flatMap((line) => entryOf(line));
}

/** Lines that a crash cut, and those of other versions, are passed over. */
function entryOf(line: string): AuditEntry[] {
  if (line === '') return [];
  try {
    const read = auditEntrySchema.safeParse(JSON.parse(line));
    return read.success ? [read.data] : [];
  } catch {
    return []; // not JSON
  }
}
