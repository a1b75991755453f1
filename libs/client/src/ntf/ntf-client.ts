/**
 * One session with a push proxy after the handshake (NTF §1.5, §8): commands out, answers matched to them by corrId, since
 * refused ones may be answered out of turn. The proxy says nothing on its own.
 *
 *   ready ──close, peer, error──▶ closed        (it is ready when `connectNtf` resolves)
 */
import { type Clock, EMPTY_BYTES, equalBytes } from '@polyplex/base';
import { type BoxKey, type PrivateKey, randomBytes } from '@polyplex/crypto';
import { authenticatorKey, authorize, authorizedBytes, type BlockConnection, type CloseReason, signedPart, type Transmission } from '@polyplex/protocol-common';
import {
  encodeCommand, maxTransmissionBytes, ntfBatching, ntfBlocks, type NtfCommand, type NtfReply, readNtfTransmission, readReply, replySuitsEntity, writeNtfTransmission,
} from '@polyplex/protocol-ntf';
import type { AuthPrivateKey } from '../authorizer.ts';
import { responseError, SmpClientError, transportError } from '../client-error.ts';
import { PendingRequests } from '../pending-requests.ts';
import type { AgreedNtfSession } from './ntf-handshake.ts';

export interface NtfRequestOptions {
  /** The token or subscription that the command names; default none. */
  readonly entityId?: Uint8Array;
  /** The token's key; absent for PING. */
  readonly key?: AuthPrivateKey | undefined;
  /** 24 bytes, never used before; default random ones. */
  readonly corrId?: Uint8Array;
  readonly timeoutMs?: number;
}

export interface NtfRequest extends Omit<NtfRequestOptions, 'timeoutMs'> {
  readonly command: NtfCommand;
}

export interface NtfClient {
  readonly version: number;
  readonly sessionId: Uint8Array;
  /** Sends a command and resolves with the answer, `ERR` included; rejects with `SmpClientError`. Bytes are views of a block. */
  request(command: NtfCommand, options?: NtfRequestOptions): Promise<NtfReply>;
  /** Packs commands into as few blocks as fit. Answers in the order of the commands; one that failed is its error. */
  requestBatch(requests: readonly NtfRequest[], timeoutMs?: number): Promise<readonly (NtfReply | SmpClientError)[]>;
  /** Requests that wait for an answer. */
  readonly pendingCount: number;
  /** Resolves when the connection is gone; all pending requests have been rejected by then. */
  readonly closed: Promise<CloseReason>;
  /** Sends what is queued, then closes. */
  close(): void;
}

export interface NtfClientSettings {
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly maxPending: number;
}

const CORR_ID_BYTES = 24;

export class NtfSession implements NtfClient {
  readonly version: number;
  readonly sessionId: Uint8Array;
  readonly closed: Promise<CloseReason>;
  private readonly connection: BlockConnection;
  private readonly session: AgreedNtfSession;
  private readonly settings: NtfClientSettings;
  private readonly pending: PendingRequests<NtfReply>;
  private readonly boxKeys = new WeakMap<AuthPrivateKey, BoxKey>();
  /** Blocks that the connection did not want yet; bounded with the requests in them. */
  private waiting: Uint8Array[] = [];
  private writable = true;
  private failure: (() => SmpClientError) | null = null;
  private reportClosed: (reason: CloseReason) => void = () => undefined;

  constructor(connection: BlockConnection, session: AgreedNtfSession, settings: NtfClientSettings) {
    this.connection = connection;
    this.session = session;
    this.settings = settings;
    this.version = session.version;
    this.sessionId = session.sessionId;
    this.pending = new PendingRequests(settings.clock, () => undefined);
    this.closed = new Promise((resolve) => (this.reportClosed = resolve));
  }

  get pendingCount(): number {
    return this.pending.size;
  }

  async request(command: NtfCommand, { timeoutMs, ...request }: NtfRequestOptions = {}): Promise<NtfReply> {
    const [answer] = await this.requestBatch([{ ...request, command }], timeoutMs);
    if (answer instanceof SmpClientError) throw answer;
    return answer!;
  }

  async requestBatch(requests: readonly NtfRequest[], timeoutMs = this.settings.requestTimeoutMs): Promise<readonly (NtfReply | SmpClientError)[]> {
    const items: Uint8Array[] = [];
    const deadline = this.settings.clock.now() + timeoutMs;
    const answers = requests.map(
      (request) =>
        new Promise<NtfReply | SmpClientError>((settle) => {
          const { entityId = EMPTY_BYTES, corrId = randomBytes(CORR_ID_BYTES) } = request;
          const item = this.transmission(request, corrId, entityId);
          if (item instanceof SmpClientError) return settle(item);
          this.pending.add(corrId, { entityId, deadline, settle });
          items.push(item);
        }),
    );
    const blocks = ntfBlocks(this.version);
    for (const batch of ntfBatching(this.version).split(items)) this.send(blocks.seal(batch));
    return Promise.all(answers);
  }

  close(): void {
    this.failure ??= () => new SmpClientError('CLOSED', 'the client was closed');
    this.connection.close('local');
  }

  /** Or why the request cannot be sent. */
  private transmission({ command, key }: NtfRequest, corrId: Uint8Array, entityId: Uint8Array): Uint8Array | SmpClientError {
    if (this.failure !== null) return this.failure();
    if (this.pending.size >= this.settings.maxPending) return new SmpClientError('BUSY', 'too many requests are waiting');
    const { sessionId } = this;
    const signed = signedPart(corrId, entityId, encodeCommand(command));
    const auth = key === undefined ? EMPTY_BYTES : this.auth(key, corrId, authorizedBytes(sessionId, signed));
    if (auth === null) return transportError('NO_AUTH');
    const bytes = writeNtfTransmission({ auth, sessionId, signed }, this.version);
    return bytes.length > maxTransmissionBytes(this.version) ? transportError('LARGE_MSG') : bytes;
  }

  /** Null when the key needs a session key that there is none of. */
  private auth(key: AuthPrivateKey, corrId: Uint8Array, bytes: Uint8Array): Uint8Array | null {
    if (key.kind !== 'x25519') return authorize(key as PrivateKey<'ed25519' | 'ed448'>, corrId, bytes);
    const { serverKey } = this.session;
    const boxKey = this.boxKeys.get(key) ?? (serverKey === null ? null : authenticatorKey(key as PrivateKey<'x25519'>, serverKey));
    if (boxKey === null) return null;
    this.boxKeys.set(key, boxKey);
    return authorize(boxKey, corrId, bytes);
  }

  private send(block: Uint8Array): void {
    if (this.writable) this.writable = this.connection.write(block);
    else this.waiting.push(block);
  }

  /** The connection takes blocks again. */
  drained(): void {
    this.writable = true;
    const waiting = this.waiting;
    this.waiting = [];
    for (const block of waiting) this.send(block);
  }

  /** A block from the proxy. One that cannot be read ends the session: what it answered can no longer be known. */
  received(block: Uint8Array): void {
    const content = ntfBlocks(this.version).open(block);
    const items = content === null ? null : ntfBatching(this.version).read(content);
    if (items === null) {
      this.failure ??= () => transportError('BLOCK');
      this.connection.destroy('error');
      return;
    }
    for (const item of items) {
      const transmission = readNtfTransmission(item, this.version);
      if (transmission !== null) this.answered(transmission);
    }
  }

  /** What answers no request is dropped: it came too late. */
  private answered({ corrId, entityId, sessionId, command }: Transmission): void {
    if (sessionId !== null && !equalBytes(sessionId, this.sessionId)) return;
    const request = this.pending.take(corrId);
    request?.settle(answerTo(request.entityId, entityId, readReply(command, this.version)));
  }

  /** The connection is gone. */
  ended(reason: CloseReason): void {
    this.failure ??= () => new SmpClientError('NETWORK', 'the connection was lost');
    this.waiting = [];
    this.pending.failAll(this.failure);
    this.reportClosed(reason);
  }
}

/** The answer to a request, or why it is none (NTF §2.1). */
function answerTo(requested: Uint8Array, entityId: Uint8Array, reply: NtfReply | null): NtfReply | SmpClientError {
  if (reply === null) return responseError('RESPONSE', 'SYNTAX');
  if (!replySuitsEntity(reply.tag, entityId.length > 0)) return responseError('RESPONSE', `entity of ${reply.tag}`);
  const isEcho = entityId.length === 0 || equalBytes(entityId, requested);
  return isEcho ? reply : responseError('UNEXPECTED', `entity of ${reply.tag}`);
}
