/**
 * One session with a relay after the handshake (SMP §4, §10): commands out, answers matched to them by corrId, and
 * everything else handed to the owner as events. Blocks are sealed in the order in which they are written, since the
 * order on the wire is the order of the key chain.
 *
 *   ready ──close, peer, error──▶ closed        (it is ready when `connectSmp` resolves)
 */
import { type Clock, EMPTY_BYTES, equalBytes, SECOND } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import {
  type BlockConnection, type CertChainPubKey, type CloseReason, readBatch, readTransmission, splitBatches, type Transmission, type VersionRange,
} from '@polyplex/protocol-common';
import { readReply, type SmpCommand, type SmpReply, type SmpReplyTag } from '@polyplex/protocol-smp';
import { Authorizer } from './authorizer.ts';
import type { AgreedSession, AnnouncedService } from './client-handshake.ts';
import { responseError, SmpClientError, transportError } from './client-error.ts';
import { KeepAlive, type KeepAliveOptions } from './keep-alive.ts';
import { PendingRequests } from './pending-requests.ts';
import type { Requester, RequestOptions } from './requester.ts';

/** A client service as the relay knows it. */
export interface ClientServiceSession extends AnnouncedService {
  readonly serviceId: Uint8Array;
}

export interface BatchedRequest extends Omit<RequestOptions, 'timeoutMs'> {
  readonly command: SmpCommand;
}

/**
 * What the relay says on its own (empty corrId), and answers that came after their request had timed out (`late`).
 * Bytes are views of the block they came in: copy what is kept. Must not throw.
 */
export type SmpEventHandler = (entityId: Uint8Array, reply: SmpReply, late: boolean) => void;

export interface SmpClient extends Requester {
  readonly sessionId: Uint8Array;
  /** All versions that both ends speak. */
  readonly versions: VersionRange;
  /** The relay's chain and signed key exactly as in its hello; null when it sent none. */
  readonly relayKey: CertChainPubKey | null;
  /** X25519 secret of both session keys, 32 bytes; null when there are none. A proxy seals RFWD with it. */
  readonly secret: Uint8Array | null;
  readonly service: ClientServiceSession | null;
  /** Packs commands into as few blocks as fit. Answers in the order of the commands; one that failed is its error. */
  requestBatch(requests: readonly BatchedRequest[], timeoutMs?: number): Promise<readonly (SmpReply | SmpClientError)[]>;
  /** Requests that wait for an answer. */
  readonly pendingCount: number;
  /** Resolves when the connection is gone; all pending requests have been rejected by then. */
  readonly closed: Promise<CloseReason>;
  /** Stops and resumes reading: back-pressure on the relay. While it lasts nothing arrives, answers included. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes. */
  close(): void;
}

export interface SmpClientSettings {
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly maxPending: number;
  readonly keepAlive: KeepAliveOptions;
  readonly onEvent: SmpEventHandler;
}

export const REQUEST_TIMEOUT_MS = 30 * SECOND;
/** Some ten rounds of subscriptions as apps make them. */
export const MAX_PENDING = 16_384;
const CORR_ID_BYTES = 24;

const WITHOUT_ENTITY = new Set<SmpReplyTag>(['PONG', 'PKEY', 'RRES']);
const ANY_ENTITY = new Set<SmpReplyTag>(['IDS', 'ERR']);

export class SmpSession implements SmpClient {
  readonly version: number;
  readonly versions: VersionRange;
  readonly sessionId: Uint8Array;
  readonly relayKey: CertChainPubKey | null;
  readonly secret: Uint8Array | null;
  readonly service: ClientServiceSession | null;
  readonly closed: Promise<CloseReason>;

  private readonly connection: BlockConnection;
  private readonly session: AgreedSession;
  private readonly settings: SmpClientSettings;
  private readonly authorizer: Authorizer;
  private readonly pending: PendingRequests;
  private readonly keepAlive: KeepAlive;
  /** Batches that the connection did not want yet; bounded with the requests in them. */
  private waiting: (readonly Uint8Array[])[] = [];
  private writable = true;
  private failure: (() => SmpClientError) | null = null;
  private reportClosed: (reason: CloseReason) => void = () => undefined;

  constructor(connection: BlockConnection, session: AgreedSession, serviceId: Uint8Array | null, settings: SmpClientSettings) {
    this.connection = connection;
    this.session = session;
    this.settings = settings;
    this.version = session.version;
    this.versions = session.versions;
    this.sessionId = session.sessionId;
    this.relayKey = session.relayKey;
    this.secret = session.secret;
    this.service = session.service === null || serviceId === null ? null : { ...session.service, serviceId };
    this.authorizer = new Authorizer(session);
    this.keepAlive = new KeepAlive(settings.clock, settings.keepAlive, {
      ping: () => void this.request({ tag: 'PING' }).catch(() => undefined), // counted as a timeout where it is one
      giveUp: () => this.fail('timeout', () => new SmpClientError('TIMEOUT', 'the relay is silent')),
    });
    this.pending = new PendingRequests(settings.clock, () => this.keepAlive.timedOut());
    this.closed = new Promise((resolve) => (this.reportClosed = resolve));
  }

  get pendingCount(): number {
    return this.pending.size;
  }

  request(command: SmpCommand, options: RequestOptions = {}): Promise<SmpReply> {
    return new Promise((resolve, reject) => {
      const settle = (answer: SmpReply | SmpClientError): void => (answer instanceof SmpClientError ? reject(answer) : resolve(answer));
      const item = this.prepare({ ...options, command }, settle, options.timeoutMs);
      if (item !== null) this.send([item]);
    });
  }

  async requestBatch(requests: readonly BatchedRequest[], timeoutMs?: number): Promise<readonly (SmpReply | SmpClientError)[]> {
    const items: Uint8Array[] = [];
    const answers = requests.map(
      (request) =>
        new Promise<SmpReply | SmpClientError>((settle) => {
          const item = this.prepare(request, settle, timeoutMs);
          if (item !== null) items.push(item);
        }),
    );
    for (const batch of splitBatches(items)) this.send(batch);
    return Promise.all(answers);
  }

  pause(): void {
    this.connection.pause();
  }

  resume(): void {
    this.connection.resume();
  }

  close(): void {
    this.failure ??= () => new SmpClientError('CLOSED', 'the client was closed');
    this.connection.close('local');
  }

  /** The transmission of a request that is now pending; null when it was settled with an error at once. */
  private prepare(request: BatchedRequest, settle: (answer: SmpReply | SmpClientError) => void, timeoutMs = this.settings.requestTimeoutMs): Uint8Array | null {
    const { command, entityId = EMPTY_BYTES, corrId = randomBytes(CORR_ID_BYTES) } = request;
    const item = this.transmission(request, corrId, entityId);
    if (item instanceof SmpClientError) {
      settle(item);
      return null;
    }
    this.pending.add(corrId, { entityId, deadline: this.settings.clock.now() + timeoutMs, settle });
    if (isSubscription(command)) this.keepAlive.begin();
    return item;
  }

  /** Or why the request cannot be sent. */
  private transmission({ command, key, asService = false }: BatchedRequest, corrId: Uint8Array, entityId: Uint8Array): Uint8Array | SmpClientError {
    if (this.failure !== null) return this.failure();
    if (this.pending.size >= this.settings.maxPending) return new SmpClientError('BUSY', 'too many requests are waiting');
    try {
      return this.authorizer.transmission({ corrId, entityId, command, key: key ?? null, asService });
    } catch (error) {
      if (error instanceof SmpClientError) return error;
      throw error;
    }
  }

  private send(items: readonly Uint8Array[]): void {
    if (this.writable) this.writable = this.connection.write(this.session.cipher.seal(items));
    else this.waiting.push(items);
  }

  /** The connection takes blocks again. */
  drained(): void {
    this.writable = true;
    const waiting = this.waiting;
    this.waiting = [];
    for (const items of waiting) this.send(items);
  }

  /** A block from the relay. One that cannot be opened ends the session: what it answered can no longer be known. */
  received(block: Uint8Array): void {
    this.keepAlive.received();
    const content = this.session.cipher.open(block);
    const items = content === null ? null : readBatch(content);
    if (items === null) {
      this.fail('error', () => transportError('BLOCK'));
      return;
    }
    for (const item of items) {
      const transmission = readTransmission(item, this.version);
      if (transmission !== null) this.answered(transmission);
    }
  }

  private answered({ corrId, entityId, sessionId, command }: Transmission): void {
    if (sessionId !== null && !equalBytes(sessionId, this.sessionId)) return;
    const reply = readReply(command, this.version);
    const request = corrId.length === 0 ? undefined : this.pending.take(corrId);
    if (request !== undefined) request.settle(answerTo(request.entityId, entityId, reply));
    else if (reply !== null && hasRightEntity(reply.tag, entityId)) this.settings.onEvent(entityId, reply, corrId.length > 0);
  }

  private fail(reason: CloseReason, failure: () => SmpClientError): void {
    this.failure ??= failure;
    this.connection.destroy(reason);
  }

  /** The connection is gone. */
  ended(reason: CloseReason): void {
    this.failure ??= () => new SmpClientError('NETWORK', 'the connection was lost');
    this.keepAlive.stop();
    this.waiting = [];
    this.pending.failAll(this.failure);
    this.reportClosed(reason);
  }
}

/** Whether this command makes the relay send events later. */
function isSubscription(command: SmpCommand): boolean {
  const { tag } = command;
  return tag === 'SUB' || tag === 'NSUB' || tag === 'SUBS' || tag === 'NSUBS' || (tag === 'NEW' && command.subMode === 'S');
}

/** The answer to a request, or why it is none (SMP §5.6, §10.4). */
function answerTo(requested: Uint8Array, entityId: Uint8Array, reply: SmpReply | null): SmpReply | SmpClientError {
  if (reply === null) return responseError('RESPONSE', 'SYNTAX');
  if (!hasRightEntity(reply.tag, entityId)) return responseError('RESPONSE', `entity of ${reply.tag}`);
  const isEcho = ANY_ENTITY.has(reply.tag) || equalBytes(entityId, requested);
  return isEcho || WITHOUT_ENTITY.has(reply.tag) ? reply : responseError('UNEXPECTED', `entity of ${reply.tag}`);
}

function hasRightEntity(tag: SmpReplyTag, entityId: Uint8Array): boolean {
  return ANY_ENTITY.has(tag) || WITHOUT_ENTITY.has(tag) === (entityId.length === 0);
}
