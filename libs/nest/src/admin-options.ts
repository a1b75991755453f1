/** What the admin app is told: plain functions, so that whoever provides them knows nothing of Nest. */
import type { AnswerOf, BackupState, BlockOrder, ClientCounts, FileFacts, Fleet, History, Overview, PlaceStates, QueueFacts, RelayStates } from '@polyplex/admin-api';
import type { Clock } from '@polyplex/base';
import type { LogControl, Logger } from '@polyplex/telemetry';
import type { AuditLog } from './audit/audit-log.ts';

export interface HealthSource {
  /** Why the process should get no new work, in words; empty when it is ready. Must not reject. */
  notReady(): Promise<readonly string[]>;
}

export interface MetricsSource {
  /** The whole exposition in Prometheus' text format 0.0.4. */
  text(): Promise<string>;
}

/** One line of the status page. */
export interface StatusRow {
  readonly label: string;
  readonly value: string | number;
}

/** `malformed`: no id at all; `missing`: no queue has it; `refused`: not possible in the queue's state. */
export type QueueRefusal = 'malformed' | 'missing' | 'refused';

/** Queues by base64url sender id or link id (SMP §9.5). */
export interface QueueAdmin {
  status(id: string): Promise<QueueFacts | QueueRefusal>;
  /** `already`: it was blocked before, and what it says of it is the new order. `quota`: not today any more. */
  block(id: string, order: BlockOrder): Promise<'ok' | 'already' | 'quota' | QueueRefusal>;
  unblock(id: string): Promise<'ok' | QueueRefusal>;
  /** Answers how many messages went with it. */
  delete(id: string): Promise<{ readonly messages: number } | QueueRefusal>;
}

/** `malformed`: no id at all; `missing`: no recipient has it. */
export type FileRefusal = 'malformed' | 'missing';

/** Files by the base64url id of one of their recipients (XFTP §7.5). */
export interface FileAdmin {
  status(id: string): Promise<FileFacts | FileRefusal>;
  /** Takes the body away for good; the record says why until it expires. */
  block(id: string, order: BlockOrder): Promise<'ok' | FileRefusal>;
  /** Lets its sender upload it anew, the very same content: what was there is gone. */
  unblock(id: string): Promise<'ok' | FileRefusal>;
  delete(id: string): Promise<'ok' | FileRefusal>;
}

/** What the operator of a directory may ask. */
export interface DirectoryAdmin {
  admins(): Promise<AnswerOf<'admins'>>;
  /** Writes the web listing; null: it could not be. */
  publish(): Promise<AnswerOf<'publish'> | null>;
  /** Null: links are not read again at all. */
  checkLinks(): Promise<AnswerOf<'checkLinks'> | null>;
}

/** The page for people: all that it needs, no data. */
export interface PageFiles {
  readonly html: string;
  /** Its Content-Security-Policy, which goes with the page as a header. */
  readonly policy: string;
  /** By name, such as `console.js`; served under `/console/`. */
  readonly assets: ReadonlyMap<string, { readonly contentType: string; readonly content: Uint8Array }>;
}

/** A copy of all that the server keeps, made while it runs. */
export interface BackupControl {
  /** Begins one, in a new folder within the folder for backups, and answers its name; rejects while another is under way. */
  begin(): Promise<string>;
  /** The one under way, or the last one; null when there was none since the start. */
  state(): BackupState | null;
}

export interface AdminAppOptions {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** Required of every request but those that anybody may make; null leaves it to the address, which must then be loopback. */
  readonly token: string | null;
  /** Lets in who may look and change nothing; null: nobody but who has the other one, without which it means nothing. */
  readonly readerToken?: string | null;
  readonly page?: PageFiles;
  readonly overview?: () => Promise<Overview>;
  readonly fleet?: () => Promise<Fleet>;
  readonly history?: () => History;
  /** All counters and gauges by the reference's names (SMP §9.6, XFTP §7.3). */
  readonly stats?: () => Promise<Readonly<Record<string, number>>>;
  readonly clients?: () => ClientCounts;
  /** Writes what is only in memory, statistics for one. */
  readonly save?: () => Promise<void>;
  readonly logControl?: LogControl;
  /** Of a server whose store is on this machine. */
  readonly backup?: BackupControl;
  /** Where steps are written down; without one they are not. */
  readonly audit?: AuditLog;
  /** Heads the status page, which takes the place of a page that is not there. */
  readonly title: string;
  readonly health: HealthSource;
  readonly metrics: MetricsSource;
  readonly status?: () => Promise<readonly StatusRow[]>;
  /** Of a relay. */
  readonly queues?: QueueAdmin;
  /** Of a file server. */
  readonly files?: FileAdmin;
  /** Of a push proxy. */
  readonly relays?: () => RelayStates;
  readonly places?: () => PlaceStates;
  /** Of a directory bot. */
  readonly directory?: DirectoryAdmin;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** How long a close waits for requests that are under way; default 2 s. */
  readonly closeGraceMs?: number;
}

export interface AdminApp {
  /** With the port really bound. */
  readonly url: string;
  readonly port: number;
  /** Stops listening; resolves when open requests are answered, or cut off after the grace. */
  close(): Promise<void>;
}
