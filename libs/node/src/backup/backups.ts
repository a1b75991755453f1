/**
 * Backups of one server while it runs (`BackupControl` of the admin port), one at a time. All that was answered before one
 * begins is in it. What it takes is a copy of the data, which `write` makes, and files beside it that are copied as they are:
 * statistics, and where the operator wants it the configuration. What fails leaves nothing behind and disturbs nobody.
 */
import { join } from 'node:path';
import { type Clock, errorText, SECOND, toBase64Url } from '@polyplex/base';
import type { BackupControl, BackupState } from '@polyplex/nest';
import type { Logger } from '@polyplex/telemetry';
import { NodeError } from '../node-error.ts';
import { storeErrorText } from '../store-error-text.ts';
import { BackupFolder } from './backup-folder.ts';
import { copyConfig } from './copy-config.ts';
import { copyDurably, fileFacts, filesIn, flush, makeFolder, writeDurably } from './durable-files.ts';
import { BODIES_FOLDER, CONFIG_FOLDER, type Manifest, MANIFEST_FILE, manifestText, STATISTICS_FOLDER } from './manifest.ts';

/** Left to all others on the same disk. */
const LEAVE_BYTES = 256 * 1024 * 1024;

/** Where a server puts its data. */
export interface BackupPlace {
  readonly folder: string;
  /** The backup before this one; null for none. */
  readonly previous: string | null;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
  /** Counts bytes that were written. */
  wrote(bytes: number): void;
  /** Rejects where so many bytes would not leave enough to others. */
  needRoom(bytes: number): Promise<void>;
}

export type WrittenData = Pick<Manifest, 'counts' | 'bodies'>;

export interface BackupOptions {
  readonly server: Manifest['server'];
  /** For all backups of this server; others' may be in it. */
  readonly folder: string;
  /** How many stay. */
  readonly keep: number;
  readonly version: string;
  readonly fingerprint: Uint8Array;
  /** Null leaves settings, keys and passwords out. */
  readonly configFolder: string | null;
  /** Folders and files that are no part of the configuration, wherever they lie. */
  readonly notConfig: readonly string[];
  /** Where the files of statistics are; those whose names begin with the server's are taken, if there are any. */
  readonly statisticsFolder: string;
  /** Writes the data, durably, in subfolders. */
  readonly write: (place: BackupPlace) => Promise<WrittenData>;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Backups implements BackupControl {
  private readonly options: BackupOptions;
  private readonly folder: BackupFolder;
  private readonly stopping = new AbortController();
  private last: BackupState | null = null;
  private running: Promise<void> | null = null;

  constructor(options: BackupOptions) {
    this.options = options;
    this.folder = new BackupFolder(options.folder, options.server);
  }

  state(): BackupState | null {
    return this.last;
  }

  async begin(): Promise<string> {
    if (this.stopping.signal.aborted) throw new NodeError('STORAGE', 'the server stops');
    if (this.running !== null) throw new NodeError('STORAGE', 'a backup is under way: wait for its end');
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.running = ended;
    const done = (): void => {
      this.running = null;
      end();
    };
    try {
      const startedAt = new Date(this.options.clock.now());
      const [previous = null] = await this.previous();
      const name = await this.folder.begin(startedAt);
      this.last = { name, state: 'running', startedAt: startedAt.toISOString(), endedAt: null, bytes: 0, error: null };
      void this.run(name, startedAt, previous).finally(done);
      return name;
    } catch (error) {
      done();
      throw new NodeError('STORAGE', `the folder for backups cannot be used: ${errorText(error)} (backup.folder)`, { cause: error });
    }
  }

  /** Ends the one under way as failed; resolves when nothing is written any more. */
  async close(): Promise<void> {
    this.stopping.abort(new NodeError('STORAGE', 'the server stopped'));
    await this.running;
  }

  private async previous(): Promise<string[]> {
    try {
      return (await this.folder.whole()).slice(-1).map((name) => this.folder.place(name));
    } catch {
      return []; // no folder yet; what else is wrong with it, making it will tell
    }
  }

  private async run(name: string, startedAt: Date, previous: string | null): Promise<void> {
    const { log, clock, keep } = this.options;
    log.info('a backup begins', { backup: name });
    try {
      await this.write(this.folder.part(name), startedAt, previous);
      await this.folder.finish(name);
      await this.folder.prune(keep).catch((error: unknown) => log.warn('an old backup could not be removed', { error: errorText(error) }));
      this.ended('done', null);
      log.info('a backup is done', { backup: name, bytes: this.last?.bytes, seconds: Math.round((clock.now() - startedAt.getTime()) / SECOND) });
    } catch (error) {
      const reason = storeErrorText(error);
      await this.folder.abandon(name).catch(() => undefined); // the next one tries again
      this.ended('failed', reason);
      log.error('a backup failed', { backup: name, reason });
    }
  }

  private ended(state: 'done' | 'failed', error: string | null): void {
    if (this.last !== null) this.last = { ...this.last, state, error, endedAt: new Date(this.options.clock.now()).toISOString() };
  }

  private async write(folder: string, startedAt: Date, previous: string | null): Promise<void> {
    const { options: { server, version, fingerprint, configFolder, notConfig, clock }, stopping: { signal } } = this;
    const data = await this.options.write({
      folder, previous, signal,
      wrote: (bytes) => this.wrote(bytes),
      needRoom: (bytes) => this.needRoom(bytes),
    });
    await this.copyStatistics(folder);
    if (configFolder !== null) await copyConfig(configFolder, join(folder, CONFIG_FOLDER), notConfig);
    const files: Manifest['files'][number][] = [];
    for (const path of await filesIn(folder, (each) => each !== BODIES_FOLDER)) files.push({ path, ...(await fileFacts(join(folder, path), signal)) });
    const manifest = {
      server, program: version, startedAt: startedAt.toISOString(), endedAt: new Date(clock.now()).toISOString(), fingerprint: toBase64Url(fingerprint), ...data, files,
    };
    await writeDurably(join(folder, MANIFEST_FILE), manifestText(manifest));
    await flush(folder);
  }

  private async copyStatistics(folder: string): Promise<void> {
    const { statisticsFolder, server } = this.options;
    const names = await filesIn(statisticsFolder, (name) => name.startsWith(`${server}-`) && !name.endsWith('.new')).catch(() => []);
    if (names.length === 0) return;
    await makeFolder(join(folder, STATISTICS_FOLDER));
    for (const name of names) await copyDurably(join(statisticsFolder, name), join(folder, STATISTICS_FOLDER, name));
    await flush(join(folder, STATISTICS_FOLDER));
  }

  private wrote(bytes: number): void {
    if (this.last !== null) this.last = { ...this.last, bytes: this.last.bytes + bytes };
  }

  private async needRoom(bytes: number): Promise<void> {
    const room = await this.folder.room();
    if (room >= bytes + LEAVE_BYTES) return;
    const inMegabytes = (count: number): string => `${Math.ceil(count / 1e6)} MB`;
    throw new NodeError('STORAGE', `there is not enough room: it takes ${inMegabytes(bytes)}, ${inMegabytes(LEAVE_BYTES)} are left to others, and ${inMegabytes(room)} are free (backup.folder)`);
  }
}
