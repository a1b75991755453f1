/**
 * One session with a file server after the handshake (XFTP §3.1): a block out, perhaps with a chunk behind it, and the
 * answer back. Requests may overlap; each is a stream of its own. What is broken off leaves the connection as it was.
 */
import { type Clock, EMPTY_BYTES, equalBytes } from '@polyplex/base';
import { type BoxKey, type PrivateKey, type PublicKey, randomBytes } from '@polyplex/crypto';
import { authenticatorKey, authorize, type CloseReason } from '@polyplex/protocol-common';
import {
  encodeCommand, encodeRequestBlock, readBareError, readBlock, readReply, replySuitsEntity, signedPart, type XftpCommand, type XftpReply, type XftpReplyOf,
  type XftpReplyTag,
} from '@polyplex/protocol-xftp';
import type { HttpClientConnection } from '@polyplex/transport-http2';
import type { AuthPrivateKey } from '../authorizer.ts';
import { type RequestLimits, RequestTimer } from './request-timer.ts';
import { ResponseBody } from './response-body.ts';
import { streamFailure, XftpClientError, XftpRefusedError } from './xftp-error.ts';

/** What both ends agreed on. */
export interface XftpAgreement {
  readonly version: number;
  readonly sessionId: Uint8Array;
  /** For authenticators; null without a handshake. */
  readonly serverKey: PublicKey<'x25519'> | null;
}

/** Who acts on a chunk, as its sender or one of its recipients. */
export interface EntityKey {
  readonly id: Uint8Array;
  readonly key: AuthPrivateKey;
}

export interface XftpRequest {
  readonly command: XftpCommand;
  /** Default none. */
  readonly entityId?: Uint8Array;
  /** Authorises the command; absent for PING. */
  readonly key?: AuthPrivateKey;
  /** Follows the block. */
  readonly body?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly limits: RequestLimits;
  readonly signal?: AbortSignal | undefined;
}

const CORR_ID_BYTES = 24;
const HTTP_OK = 200;

export class XftpSession {
  readonly agreement: XftpAgreement;
  readonly closed: Promise<CloseReason>;
  private readonly connection: HttpClientConnection;
  private readonly clock: Clock;

  constructor(connection: HttpClientConnection, agreement: XftpAgreement, clock: Clock) {
    this.connection = connection;
    this.agreement = agreement;
    this.clock = clock;
    this.closed = connection.closed;
  }

  get open(): boolean {
    return this.connection.open;
  }

  close(): void {
    this.connection.close();
  }

  /** The answer to a command that brings no chunk. Throws `XftpRefusedError` for `ERR`. */
  ask<const T extends XftpReplyTag>(request: XftpRequest, tag: T): Promise<XftpReplyOf<T>> {
    return this.askFor(request, tag, async (reply, body) => {
      if (!(await body.isEnd())) throw new XftpClientError('RESPONSE', 'bytes follow the answer');
      return reply;
    });
  }

  /** The answer to a command; `take` reads what follows its block. */
  askFor<const T extends XftpReplyTag, R>(
    request: XftpRequest, tag: T, take: (reply: XftpReplyOf<T>, body: ResponseBody) => Promise<R>,
  ): Promise<R> {
    const { entityId = EMPTY_BYTES, limits, signal } = request;
    return exchange(this.connection, { clock: this.clock, limits, signal, pieces: (moved) => this.pieces(request, moved) }, async (body) => {
      const reply = this.replyOf(await body.block(), entityId);
      if (reply.tag === 'ERR') {
        await body.isEnd();
        throw new XftpRefusedError(reply.error);
      }
      if (reply.tag !== tag) throw new XftpClientError('UNEXPECTED', `unexpected answer: ${reply.tag}`);
      return take(reply as XftpReplyOf<T>, body);
    });
  }

  private pieces({ command, entityId = EMPTY_BYTES, key, body }: XftpRequest, moved: () => void): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
    const block = this.block(command, entityId, key);
    return body === undefined ? [block] : blockAndBody(block, body, moved);
  }

  private block(command: XftpCommand, entityId: Uint8Array, key: AuthPrivateKey | undefined): Uint8Array {
    const { sessionId } = this.agreement;
    // Empty as the reference has it, except where it is the nonce of an authenticator (§3.2).
    const corrId = key?.kind === 'x25519' ? randomBytes(CORR_ID_BYTES) : EMPTY_BYTES;
    const parts = { sessionId, corrId, entityId, command: encodeCommand(command) };
    const auth = key === undefined ? EMPTY_BYTES : authorize(this.signer(key), corrId, signedPart(parts));
    return encodeRequestBlock({ ...parts, auth });
  }

  private signer(key: AuthPrivateKey): BoxKey | PrivateKey<'ed25519' | 'ed448'> {
    if (key.kind !== 'x25519') return key as PrivateKey<'ed25519' | 'ed448'>;
    const { serverKey } = this.agreement;
    const boxKey = serverKey === null ? null : authenticatorKey(key as PrivateKey<'x25519'>, serverKey);
    if (boxKey === null) throw new XftpClientError('HANDSHAKE', 'the file server has no key for X25519 authorisation');
    return boxKey;
  }

  private replyOf(block: Uint8Array, entityId: Uint8Array): XftpReply {
    const bare = readBareError(block);
    if (bare === 'HANDSHAKE' || bare === 'SESSION') return { tag: 'ERR', error: { type: bare } };
    const transmission = readBlock(block);
    const reply = transmission === null || !equalBytes(transmission.sessionId, this.agreement.sessionId) ? null : readReply(transmission.command);
    if (transmission === null || reply === null) throw new XftpClientError('RESPONSE', 'the answer cannot be read');
    if (reply.tag !== 'ERR' && !isEntityOf(reply.tag, transmission.entityId, entityId)) {
      throw new XftpClientError('UNEXPECTED', `unexpected entity of ${reply.tag}`);
    }
    return reply;
  }
}

/** §3.1: SIDS and PONG have none, the others that of the request. */
function isEntityOf(tag: XftpReplyTag, answered: Uint8Array, requested: Uint8Array): boolean {
  return replySuitsEntity(tag, answered.length > 0) && equalBytes(answered, requested);
}

async function* blockAndBody(block: Uint8Array, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, moved: () => void): AsyncGenerator<Uint8Array> {
  yield block;
  for await (const piece of body) {
    moved();
    yield piece;
  }
}

export interface Exchange {
  readonly clock: Clock;
  readonly limits: RequestLimits;
  readonly signal: AbortSignal | undefined;
  /** The request's body; absent for none. `moved` is to be called as bytes are taken. */
  readonly pieces?: (moved: () => void) => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Names in lower case; default none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request and its response under their time-outs. Rejects with `XftpClientError` where no answer comes, or with what `read` throws. */
export async function exchange<R>(connection: HttpClientConnection, { clock, limits, signal, pieces, headers = {} }: Exchange, read: (body: ResponseBody) => Promise<R>): Promise<R> {
  const timer = new RequestTimer(clock, limits, signal);
  let body: ResponseBody | null = null;
  try {
    const sent = pieces === undefined ? {} : { body: pieces(() => timer.moved()) };
    const response = await connection.request({ ...sent, headers, signal: timer.signal });
    if (response.status !== HTTP_OK) throw new XftpClientError('RESPONSE', `the file server answered with HTTP status ${response.status}`);
    body = new ResponseBody(response.body, () => timer.moved());
    return await read(body);
  } catch (error) {
    if (timer.signal.aborted) throw timer.signal.reason as XftpClientError;
    throw streamFailure(error) ?? error;
  } finally {
    timer.end(body?.ended !== true);
  }
}
