/**
 * The XFTP file server of one node (XFTP §5). It is given connections, a store of records and one of bodies; it owns the
 * sessions and nothing else. Every change of a file is a step of the FileStore's contract.
 */
import type { Clock } from '@polyplex/base';
import type { HttpConnection } from '@polyplex/protocol-common';
import { RateLimit, type ServerCredentials } from '@polyplex/server-core';
import type { ChunkStore, FileStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { FileServer } from './context.ts';
import { type FileControl, fileControl } from './control.ts';
import { failure } from './failure.ts';
import { NEW_FILES_WINDOW_MS } from './handlers/new.ts';
import type { XftpServerOptions } from './options.ts';
import { Places } from './places.ts';
import { XftpSession } from './session.ts';
import { XftpStats } from './stats.ts';
import { startSweeps, type Sweeps } from './sweeps.ts';
import type { Pages } from './web-rules.ts';

export interface XftpServerDeps {
  readonly files: FileStore;
  readonly chunks: ChunkStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** The credentials by which a connection's client knows this server: those of its `ownChain`. */
  readonly credentials: (connection: HttpConnection) => ServerCredentials;
  /** Answers GET of browsers; without it there are no pages. */
  readonly pages?: Pages;
}

export interface XftpServer {
  /** Serves a connection whose TLS handshake is done. */
  accept(connection: HttpConnection): void;
  /** Closes all connections, spread over `drainMs`, each when its requests have ended or time is up. New ones are refused. */
  drain(): Promise<void>;
  readonly stats: XftpStats;
  gauges(): XftpGauges;
  readonly control: FileControl;
  readonly sweeps: Omit<Sweeps, 'stop'>;
}

export interface XftpGauges {
  readonly connections: number;
  readonly uploads: number;
  readonly downloads: number;
  /** Transfers that wait for a place. */
  readonly waiting: number;
  /** Different files downloaded in the present day, week and month; an estimate, less than a hundredth off. */
  readonly filesDownloaded: { readonly day: number; readonly week: number; readonly month: number };
}

export function createXftpServer(deps: XftpServerDeps, options: XftpServerOptions): XftpServer {
  return new Server(deps, options);
}

/** How often a drain looks whether it is done. */
const DRAIN_STEP_MS = 50;

class Server implements XftpServer {
  readonly stats: XftpStats;
  readonly control: FileControl;
  readonly sweeps: Sweeps;
  readonly #server: FileServer;
  readonly #deps: XftpServerDeps;
  readonly #sessions = new Set<XftpSession>();
  /** Requests under way, also of connections that are gone: an upload that broke has still to be cleared away. */
  readonly #requests = new Set<Promise<void>>();
  #draining = false;
  #whenEmpty: (() => void) | null = null;

  constructor(deps: XftpServerDeps, options: XftpServerOptions) {
    const { files, chunks, clock, log } = deps;
    const { transfersPerAddress: perAddress, transfersPerConnection: perConnection } = options;
    this.#deps = deps;
    this.stats = new XftpStats(clock);
    this.#server = {
      files,
      chunks,
      clock,
      log,
      options,
      stats: this.stats,
      newFiles: new RateLimit(clock, options.newFilesPerMinutePerAddress, NEW_FILES_WINDOW_MS),
      newFilesInAll: new RateLimit(clock, options.newFilesPerMinute, NEW_FILES_WINDOW_MS),
      uploads: new Places({ all: options.uploads, perAddress, perConnection }),
      downloads: new Places({ all: options.downloads, perAddress, perConnection }),
    };
    this.control = fileControl(this.#server);
    this.sweeps = startSweeps(this.#server, () => this.#closeInactive());
  }

  accept(connection: HttpConnection): void {
    if (this.#draining) return connection.destroy('drain');
    const { credentials, pages } = this.#deps;
    const session = new XftpSession(connection, { server: this.#server, credentials, pages });
    this.#sessions.add(session);
    connection.start({
      request: (request) => this.#track(session.request(request)),
      closed: (reason) => {
        this.#sessions.delete(session);
        this.stats.closed.add(reason);
        if (this.#sessions.size === 0) this.#whenEmpty?.();
      },
    });
  }

  gauges(): XftpGauges {
    const { uploads, downloads } = this.#server;
    return {
      connections: this.#sessions.size,
      uploads: uploads.taken,
      downloads: downloads.taken,
      waiting: uploads.waiting + downloads.waiting,
      filesDownloaded: countsOf(this.stats.filesDownloaded),
    };
  }

  async drain(): Promise<void> {
    this.#draining = true;
    const { clock, options } = this.#server;
    const swept = this.sweeps.stop();
    const started = clock.now();
    const waiting = [...this.#sessions];
    const all = waiting.length;
    const empty = all === 0 ? Promise.resolve() : new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    const step = (): void => {
      const passed = clock.now() - started;
      const due = options.drainMs <= 0 ? all : Math.min(all, Math.floor((all * passed) / options.drainMs));
      while (all - waiting.length < due) waiting.pop()!.connection.close('drain');
      if (passed >= options.drainMs + options.drainTransfersMs) for (const { connection } of this.#sessions) connection.destroy('drain');
    };
    step();
    const stop = clock.every(DRAIN_STEP_MS, step);
    await empty;
    stop();
    await Promise.all([...this.#requests, swept]);
  }

  /** Takes the one place where a request may fail for a reason that is not its client's. */
  #track(request: Promise<void>): Promise<void> {
    const tracked: Promise<void> = request
      .catch((error: unknown) => {
        failure(this.#server, error);
        throw error;
      })
      .finally(() => this.#requests.delete(settled));
    const settled = tracked.catch(() => undefined);
    this.#requests.add(settled);
    return tracked;
  }

  #closeInactive(): void {
    const { clock, options } = this.#server;
    if (options.inactiveTtlMs === 0) return;
    const oldest = clock.now() - options.inactiveTtlMs;
    for (const { connection, requestedAt } of this.#sessions) {
      if (connection.active === 0 && requestedAt < oldest) connection.close('idle');
    }
  }
}

function countsOf({ day, week, month }: XftpStats['filesDownloaded']): XftpGauges['filesDownloaded'] {
  return { day, week, month };
}
