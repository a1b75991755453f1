/** What every part of the file server shares, and what a handler is given. */
import type { Clock } from '@polyplex/base';
import type { HttpConnection } from '@polyplex/protocol-common';
import type { XftpCommandOf, XftpCommandTag, XftpReply } from '@polyplex/protocol-xftp';
import type { RateLimit, Verifier } from '@polyplex/server-core';
import type { ChunkStore, FileRecord, FileStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { Incoming } from './incoming.ts';
import type { XftpServerOptions } from './options.ts';
import type { Places } from './places.ts';
import type { RequestBody } from './request-body.ts';
import type { XftpStats } from './stats.ts';

export interface FileServer {
  readonly files: FileStore;
  readonly chunks: ChunkStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: XftpServerOptions;
  readonly stats: XftpStats;
  readonly newFiles: RateLimit<string>;
  readonly newFilesInAll: RateLimit<string>;
  readonly uploads: Places;
  readonly downloads: Places;
}

/** Who sends a command. */
export interface Sender {
  readonly connection: HttpConnection;
  readonly version: number;
  readonly verifier: Verifier;
}

/** A command on its way, with what of its request handlers need. */
export interface Call {
  readonly server: FileServer;
  readonly sender: Sender;
  /** What follows the block. */
  readonly body: RequestBody;
  /** Aborted when the client is gone. */
  readonly broken: AbortSignal;
}

/** An answer: a reply, and for FILE the encrypted chunk that follows it. */
export interface Outcome {
  readonly reply: XftpReply;
  readonly chunk?: OutgoingChunk;
}

export interface OutgoingChunk {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** To be called once, sent or not. */
  close(): Promise<void>;
}

export interface SessionContext<T extends XftpCommandTag> {
  readonly call: Call;
  readonly incoming: Incoming<XftpCommandOf<T>>;
}

export interface FileContext<T extends XftpCommandTag> extends SessionContext<T> {
  /** As it was when the command was authorised. */
  readonly file: FileRecord;
}

export type SessionHandler<T extends XftpCommandTag> = (context: SessionContext<T>) => Promise<Outcome>;
export type FileHandler<T extends XftpCommandTag> = (context: FileContext<T>) => Promise<Outcome>;
