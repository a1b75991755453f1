/**
 * The commands of a file server (XFTP §3.3) as functions of a session. A chunk that is sent is taken from its source as
 * the server takes it; one that comes is decrypted while it comes, and is whole only when `downloadChunk` resolves.
 */
import { copyBytes, SECOND } from '@polyplex/base';
import type { PublicKey } from '@polyplex/crypto';
import type { CloseReason } from '@polyplex/protocol-common';
import { type AuthPrivateKey } from '../authorizer.ts';
import { type ChunkFacts, downloadChunk, type TakePiece } from './chunk-download.ts';
import type { RequestLimits } from './request-timer.ts';
import type { EntityKey, XftpSession } from './xftp-session.ts';
import { XftpClientError } from './xftp-error.ts';

/** Public half of a key that authorises commands. */
export type AuthPublicKey = PublicKey<'ed25519' | 'ed448' | 'x25519'>;

export interface NewChunk extends ChunkFacts {
  readonly sender: { readonly publicKey: AuthPublicKey; readonly privateKey: AuthPrivateKey };
  /** At least one; more than 200 take further requests, by `addRecipients`. */
  readonly recipientKeys: readonly AuthPublicKey[];
  /** The server's password for new chunks. */
  readonly password: string | null;
}

export interface CreatedChunk {
  readonly senderId: Uint8Array;
  /** In the order of the keys. */
  readonly recipientIds: readonly Uint8Array[];
}

export interface ChunkRequestOptions {
  /** Gives up with `CLOSED`. */
  readonly signal?: AbortSignal | undefined;
}

/** Every method rejects with `XftpClientError` where no good answer came, and `XftpRefusedError` for the server's `ERR`. */
export interface XftpClient {
  readonly version: number;
  /** Whether requests are still taken. */
  readonly open: boolean;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<CloseReason>;
  /** FNEW; not idempotent: one whose answer was lost leaves a record behind that expires. */
  createChunk(chunk: NewChunk, options?: ChunkRequestOptions): Promise<CreatedChunk>;
  /** FADD: ids in the order of the keys, at most 200 of them. */
  addRecipients(sender: EntityKey, recipientKeys: readonly AuthPublicKey[], options?: ChunkRequestOptions): Promise<readonly Uint8Array[]>;
  /** FPUT; may be repeated. The pieces must have the bytes that the chunk was registered with. */
  uploadChunk(sender: EntityKey, size: number, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options?: ChunkRequestOptions): Promise<void>;
  /** FGET: what `take` was given is good only when this resolves; rejects with `SIZE`, `CRYPTO` or `DIGEST` otherwise. */
  downloadChunk(recipient: EntityKey, chunk: ChunkFacts, take: TakePiece, options?: ChunkRequestOptions): Promise<void>;
  /** FDEL */
  deleteChunk(sender: EntityKey, options?: ChunkRequestOptions): Promise<void>;
  /** FACK */
  acknowledgeChunk(recipient: EntityKey, options?: ChunkRequestOptions): Promise<void>;
  /** PING */
  ping(options?: ChunkRequestOptions): Promise<void>;
  close(): void;
}

export interface XftpTimeouts {
  /** For a command, and with a chunk for each wait for progress, to which 5 ms a KiB are added. */
  readonly requestMs: number;
  /** For a command with its chunk. */
  readonly chunkMs: number;
}

/** XFTP §8.3; and the five minutes of §5.3. */
export const DEFAULT_XFTP_TIMEOUTS: XftpTimeouts = { requestMs: 30 * SECOND, chunkMs: 300 * SECOND };
/** The most keys that reference clients put into one request (XFTP §3.3). */
const MAX_RECIPIENTS_PER_REQUEST = 200;
const MS_PER_KIB = 5;
const KIB = 1024;

export class XftpSessionClient implements XftpClient {
  readonly version: number;
  readonly closed: Promise<CloseReason>;
  private readonly session: XftpSession;
  private readonly timeouts: XftpTimeouts;

  constructor(session: XftpSession, timeouts: XftpTimeouts) {
    this.session = session;
    this.timeouts = timeouts;
    this.version = session.agreement.version;
    this.closed = session.closed;
  }

  get open(): boolean {
    return this.session.open;
  }

  async createChunk({ sender, size, digest, recipientKeys, password }: NewChunk, options: ChunkRequestOptions = {}): Promise<CreatedChunk> {
    const first = recipientKeys.slice(0, MAX_RECIPIENTS_PER_REQUEST);
    const command = { tag: 'FNEW', senderKey: sender.publicKey, size, digest, recipientKeys: first, password } as const;
    const reply = await this.session.ask({ ...this.plain(options), command, key: sender.privateKey }, 'SIDS');
    const recipientIds = demandCount(reply.recipientIds, first.length);
    const entity = { id: copyBytes(reply.senderId), key: sender.privateKey };
    for (let at = first.length; at < recipientKeys.length; at += MAX_RECIPIENTS_PER_REQUEST) {
      recipientIds.push(...(await this.addRecipients(entity, recipientKeys.slice(at, at + MAX_RECIPIENTS_PER_REQUEST), options)));
    }
    return { senderId: entity.id, recipientIds };
  }

  async addRecipients({ id, key }: EntityKey, recipientKeys: readonly AuthPublicKey[], options: ChunkRequestOptions = {}): Promise<readonly Uint8Array[]> {
    const reply = await this.session.ask({ ...this.plain(options), command: { tag: 'FADD', recipientKeys }, entityId: id, key }, 'RIDS');
    return demandCount(reply.recipientIds, recipientKeys.length);
  }

  async uploadChunk({ id, key }: EntityKey, size: number, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options: ChunkRequestOptions = {}): Promise<void> {
    await this.session.ask({ command: { tag: 'FPUT' }, entityId: id, key, body, limits: this.withChunk(size), signal: options.signal }, 'OK');
  }

  downloadChunk(recipient: EntityKey, chunk: ChunkFacts, take: TakePiece, options: ChunkRequestOptions = {}): Promise<void> {
    return downloadChunk(this.session, { recipient, chunk, limits: this.withChunk(chunk.size), signal: options.signal }, take);
  }

  async deleteChunk({ id, key }: EntityKey, options: ChunkRequestOptions = {}): Promise<void> {
    await this.session.ask({ ...this.plain(options), command: { tag: 'FDEL' }, entityId: id, key }, 'OK');
  }

  async acknowledgeChunk({ id, key }: EntityKey, options: ChunkRequestOptions = {}): Promise<void> {
    await this.session.ask({ ...this.plain(options), command: { tag: 'FACK' }, entityId: id, key }, 'OK');
  }

  async ping(options: ChunkRequestOptions = {}): Promise<void> {
    await this.session.ask({ ...this.plain(options), command: { tag: 'PING' } }, 'PONG');
  }

  close(): void {
    this.session.close();
  }

  private plain({ signal }: ChunkRequestOptions): { readonly limits: RequestLimits; readonly signal: AbortSignal | undefined } {
    const { requestMs } = this.timeouts;
    return { limits: { idleMs: requestMs, totalMs: requestMs }, signal };
  }

  private withChunk(size: number): RequestLimits {
    return { idleMs: this.timeouts.requestMs + (size / KIB) * MS_PER_KIB, totalMs: this.timeouts.chunkMs };
  }
}

function demandCount(ids: readonly Uint8Array[], count: number): Uint8Array[] {
  if (ids.length !== count) throw new XftpClientError('UNEXPECTED', 'the file server gave another number of ids than it was asked for');
  // They are views of their block.
  return ids.map(copyBytes);
}
