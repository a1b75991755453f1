/**
 * The client side of the push proxy of one node. It is given connections and a store; it owns the sessions and nothing else:
 * what a command changes is a step of the store's contract, and the pushes and subscriptions that follow are due there.
 */
import { type Clock, MINUTE, SECOND } from '@polyplex/base';
import type { BlockConnection } from '@polyplex/protocol-common';
import { LEGACY_NTF_VERSIONS, NTF_VERSIONS, ntfCommands, replyTransmission } from '@polyplex/protocol-ntf';
import { drainSessions, RateLimit, type RunningSession, serveConnection, type ServerCredentials, type Session, type SessionProtocol } from '@polyplex/server-core';
import type { TokenStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { PushProxy } from './context.ts';
import { UNANSWERED } from './failure.ts';
import { type NtfGauges, sessionGauges } from './gauges.ts';
import { type Answer, BAD_BLOCK, type Incoming, type Parsed, parseItem } from './incoming.ts';
import type { NtfServerOptions } from './options.ts';
import { answer } from './pipeline.ts';
import { CommandOrder } from './sessions/command-order.ts';
import { ntfHandshake } from './sessions/handshake.ts';
import type { NtfStats } from './stats.ts';

export interface NtfServerDeps {
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** The credentials that a connection's TLS session used. */
  readonly credentials: (connection: BlockConnection) => ServerCredentials;
  /** The node's: its relays' side and its pushing side count into it too. */
  readonly stats: NtfStats;
}

export interface NtfServer {
  /** Serves a connection of 512-byte blocks whose TLS handshake is done. */
  accept(connection: BlockConnection): void;
  /** Answers what is in flight and closes all connections, spread over `drainMs`. New connections are refused. */
  drain(): Promise<void>;
  gauges(): NtfGauges;
}

export function createNtfServer(deps: NtfServerDeps, options: NtfServerOptions): NtfServer {
  return new Server(deps, options);
}

/** No version encrypts blocks. */
const NEVER = Infinity;

class Server implements NtfServer {
  private readonly deps: NtfServerDeps;
  private readonly proxy: PushProxy;
  private readonly running = new Map<number, RunningSession>();
  private readonly sessions = new Map<Session, CommandOrder>();
  private readonly stopSweep: () => void;
  private nextId = 1;
  private draining = false;

  constructor(deps: NtfServerDeps, options: NtfServerOptions) {
    this.deps = deps;
    const { store, clock, log, stats } = deps;
    const perMinute = (limit: number): RateLimit<string> => new RateLimit(clock, limit, MINUTE);
    const limits = {
      tokens: perMinute(options.newTokensPerMinutePerAddress),
      tokensInAll: perMinute(options.newTokensPerMinute),
      subscriptions: perMinute(options.newSubscriptionsPerMinutePerAddress),
    };
    this.proxy = { store, clock, log, options, stats, limits };
    this.stopSweep = clock.every(options.inactiveCheckMs, () => this.closeInactive());
  }

  accept(connection: BlockConnection): void {
    if (this.draining) return connection.destroy('drain');
    const id = this.nextId++;
    const { clock, credentials, stats } = this.deps;
    const { handshakeTimeoutMs, commandsInFlight } = this.proxy.options;
    const deps = { protocol: this.protocol(id), clock, credentials, times: stats.blockSeconds };
    try {
      this.running.set(id, serveConnection(id, connection, deps, { handshakeTimeoutMs, commandsInFlight }));
    } catch (error) {
      stats.internalErrors.add();
      this.deps.log.error('a session could not begin', { error: String(error) });
      connection.destroy('error');
    }
  }

  private protocol(id: number): SessionProtocol {
    const { stats } = this.deps;
    return {
      handshake: ntfHandshake,
      versions: (alpn) => (alpn === null ? LEGACY_NTF_VERSIONS : NTF_VERSIONS),
      encryptFrom: NEVER,
      registerService: () => Promise.resolve('HANDSHAKE BAD_SERVICE'), // a hello of this protocol has none
      ready: (session) => void this.sessions.set(session, new CommandOrder()),
      block: (session, items) => this.block(session, items),
      closed: (session, reason) => {
        this.running.delete(id);
        stats.closed.add(reason);
        if (session !== null) this.sessions.delete(session);
      },
      refused: (failure) => stats.handshakeFailures.add(failure),
    };
  }

  /** Answers all of a block in its order, in as few blocks as fit. */
  private async block(session: Session, items: readonly Uint8Array[] | null): Promise<void> {
    const began = performance.now();
    const { connection, version } = session;
    const parsed = items?.map((item) => parseItem(item, version, connection.sessionId)) ?? [{ answer: BAD_BLOCK }];
    const answers = await Promise.all(parsed.map((entry) => this.answer(session, entry, began)));
    if (!this.sessions.has(session)) return; // closed meanwhile
    for (const { reply, corrId, entityId } of answers) {
      if (reply.tag === 'ERR') this.deps.stats.errors.add(reply.error.type);
      if (reply !== UNANSWERED) session.outbox.add(replyTransmission(reply, { sessionId: connection.sessionId, corrId, entityId }, version));
    }
  }

  private async answer(session: Session, parsed: Parsed, began: number): Promise<Answer> {
    if ('answer' in parsed) return parsed.answer;
    const { incoming } = parsed;
    const { tag } = incoming.command;
    const { stats } = this.deps;
    stats.commands.add(tag);
    const order = this.sessions.get(session);
    const reply = await (order === undefined ? answer(this.proxy, session, incoming) : order.run(tag, () => answer(this.proxy, session, incoming)));
    stats.commandSeconds.of(tag).observe((performance.now() - began) / SECOND);
    return { corrId: incoming.corrId, entityId: echoedEntity(incoming), reply };
  }

  private closeInactive(): void {
    const { inactiveTtlMs } = this.proxy.options;
    if (inactiveTtlMs === 0) return;
    const oldest = this.deps.clock.now() - inactiveTtlMs;
    for (const { receivedAt, sentAt, connection } of this.sessions.keys()) {
      if (receivedAt < oldest && sentAt < oldest) connection.close('idle');
    }
  }

  gauges(): NtfGauges {
    return { connections: this.running.size, ...sessionGauges(this.sessions.keys()) };
  }

  async drain(): Promise<void> {
    this.draining = true;
    this.stopSweep();
    await drainSessions(this.running.values(), this.proxy.options.drainMs);
  }
}

/** Responses echo the entity, but for those that the protocol keeps empty (NTF §2.1). */
function echoedEntity({ command, entityId }: Incoming): Uint8Array {
  return ntfCommands[command.tag].entity === 'none' ? entityId.subarray(0, 0) : entityId;
}
