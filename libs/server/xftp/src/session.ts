/**
 * One connection's session (XFTP §2.4). What a request is depends on the state and, for browsers, on its headers; the tabs
 * of one browser share a connection, and so a session.
 *
 *   none ──hello──▶ sent ──client handshake──▶ accepted ⟲ commands, hellos and handshakes of other tabs
 *                    ⟲ hello again, bad handshake
 *
 * Without ALPN there is no handshake: such a session is accepted from the start, at version 1.
 */
import { SECOND } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import { bareErrorBlock, type BareErrorType, encodeReplyBlock, LEGACY_VERSION } from '@polyplex/protocol-xftp';
import type { HttpConnection, HttpRequest } from '@polyplex/protocol-common';
import { type ServerCredentials, Verifier } from '@polyplex/server-core';
import type { FileServer, Outcome, Sender } from './context.ts';
import { agreedVersion, challengeOf, makeOffer, type Offer } from './handshake.ts';
import { parseBlock } from './incoming.ts';
import { answer } from './pipeline.ts';
import { RequestBody } from './request-body.ts';
import { answerWeb, type Pages, responseHead } from './web-rules.ts';

type State =
  | { readonly name: 'none' }
  | { readonly name: 'sent'; readonly offer: Offer }
  | { readonly name: 'accepted'; readonly offer: Offer | null; readonly sender: Sender };

/** What a request is, by state and headers. */
type Kind = 'hello' | 'handshake' | 'command' | 'misplaced';

export interface SessionParts {
  readonly server: FileServer;
  readonly credentials: (connection: HttpConnection) => ServerCredentials;
  readonly pages: Pages | undefined;
}

export class XftpSession {
  /** When the last request began, for closing inactive connections. */
  requestedAt: number;
  readonly connection: HttpConnection;
  readonly #parts: SessionParts;
  #state: State;

  constructor(connection: HttpConnection, parts: SessionParts) {
    this.connection = connection;
    this.#parts = parts;
    this.requestedAt = parts.server.clock.now();
    this.#state = connection.alpn === null ? { name: 'accepted', offer: null, sender: legacySender(connection) } : { name: 'none' };
  }

  /** Answers a request; rejects only with what is not the client's doing. */
  async request(request: HttpRequest): Promise<void> {
    const { connection } = this;
    this.requestedAt = this.#parts.server.clock.now();
    if (await answerWeb(connection, request, this.#parts.pages)) return;
    // XFTP §2.1: whoever offers h2 without SNI is told nothing.
    if (connection.alpn === 'h2' && !connection.web) return request.respond({ status: 200 });
    const body = new RequestBody(request.body);
    try {
      await this.#answer(request, body);
    } finally {
      await body.leave();
    }
  }

  async #answer(request: HttpRequest, body: RequestBody): Promise<void> {
    const { clock, options } = this.#parts.server;
    // A client that goes away, or stands still, before its block is there has not begun anything.
    const block = await body.block(clock, options.blockTimeoutMs).catch(() => null);
    if (block === null) return;
    switch (this.#kindOf(request)) {
      case 'hello':
        return this.#respond(request, [this.#hello(block)]);
      case 'handshake':
        return this.#respond(request, this.#handshake(block));
      case 'misplaced':
        return this.#respond(request, [this.#bareError('SESSION')]);
      case 'command':
        return this.#command(request, block, body);
    }
  }

  /** Looked at when the block is there: other requests of the connection may have changed the state meanwhile. */
  #kindOf({ headers }: HttpRequest): Kind {
    const { web } = this.connection;
    const helloHeader = web && headers['xftp-web-hello'] !== undefined;
    const handshakeHeader = web && headers['xftp-handshake'] !== undefined;
    switch (this.#state.name) {
      case 'none':
        return web && !helloHeader ? 'misplaced' : 'hello';
      case 'sent':
        return helloHeader ? 'hello' : 'handshake';
      case 'accepted':
        if (this.#state.offer === null) return 'command';
        return helloHeader ? 'hello' : handshakeHeader ? 'handshake' : 'command';
    }
  }

  #hello(block: Uint8Array): Uint8Array {
    const challenge = challengeOf(block, this.connection.web);
    if (challenge === 'malformed') return this.#bareError('HANDSHAKE');
    const offer = this.#offer();
    // A session that was accepted stays so: commands of one tab go on while another greets.
    if (this.#state.name === 'none') this.#state = { name: 'sent', offer };
    return offer.hello(challenge);
  }

  #offer(): Offer {
    const offer = this.#state.name === 'none' ? null : this.#state.offer;
    return offer ?? makeOffer(this.connection, this.#parts.credentials(this.connection));
  }

  /** Nothing is the answer that says yes. */
  #handshake(block: Uint8Array): readonly Uint8Array[] {
    const version = agreedVersion(block, this.connection.ownChain);
    if (version === null || this.#state.name === 'none' || this.#state.offer === null) return [this.#bareError('HANDSHAKE')];
    const { offer } = this.#state;
    this.#state = { name: 'accepted', offer, sender: { connection: this.connection, version, verifier: offer.verifier } };
    return [];
  }

  #bareError(type: BareErrorType): Uint8Array {
    this.#parts.server.stats.handshakeFailures.add(type);
    return bareErrorBlock(type);
  }

  async #command(request: HttpRequest, block: Uint8Array, body: RequestBody): Promise<void> {
    if (this.#state.name !== 'accepted') return;
    const { sender } = this.#state;
    const { server } = this.#parts;
    const { sessionId } = this.connection;
    const began = performance.now();
    const parsed = parseBlock(block, sessionId);
    const echo = 'refused' in parsed ? parsed.refused : parsed.incoming;
    const outcome: Outcome = 'refused' in parsed ? parsed.refused : await answer({ server, sender, body, broken: request.broken }, parsed.incoming);
    const { reply, chunk } = outcome;
    if ('incoming' in parsed) server.stats.commandSeconds.of(parsed.incoming.command.tag).observe((performance.now() - began) / SECOND);
    if (reply.tag === 'ERR') server.stats.errors.add(reply.error.type);
    const head = encodeReplyBlock({ sessionId, corrId: echo.corrId, entityId: echo.entityId, reply }, sender.version);
    try {
      await this.#respond(request, chunk === undefined ? [head] : prefixed(head, chunk.pieces));
    } finally {
      await chunk?.close();
    }
  }

  #respond(request: HttpRequest, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    return request.respond(responseHead(this.connection), pieces);
  }
}

async function* prefixed(head: Uint8Array, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield head;
  yield* pieces;
}

/** X25519 authenticators need the server's session key, which a client without a handshake was not told. */
function legacySender(connection: HttpConnection): Sender {
  return { connection, version: LEGACY_VERSION, verifier: new Verifier(generateKeyPair('x25519').privateKey) };
}
