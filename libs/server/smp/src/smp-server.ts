/**
 * The SMP relay of one node. It is given connections, a store and a way to reach other relays; it owns the sessions
 * and nothing else. Queues are owned by the store: every change of one is a step of its contract.
 */
import { type Clock, type IdKey, ID_LENGTH, MINUTE, SECOND, unixSeconds } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { BlockConnection, ClientService, TransportError } from '@polyplex/protocol-common';
import { BLOCK_ENCRYPTION_VERSION, LEGACY_VERSIONS, RELAY_VERSIONS, type SmpCommandTag } from '@polyplex/protocol-smp';
import { BulkTurns, type CheckedService, drainSessions, KeyedOrder, RateLimit, type RunningSession, serveConnection, type ServerCredentials, type Session, type SessionDeps, type SessionProtocol, Slots } from '@polyplex/server-core';
import type { QueueStore, SharedCounts } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { Relay, Sender } from './context.ts';
import type { SmpSession } from './smp-session.ts';
import { Delivery } from './delivery.ts';
import { tell } from './telling.ts';
import { UNANSWERED } from './failure.ts';
import { NEW_QUEUES_WINDOW_MS } from './handlers/new.ts';
import { type Answer, BAD_BLOCK, type Parsed, parseItem } from './incoming.ts';
import { type ClientSpread, clientSpread, sessionGauges, type SmpGauges } from './gauges.ts';
import type { SmpServerOptions } from './options.ts';
import type { WaitingDeliveries } from './pending-deliveries.ts';
import { answerParsed, partyOf } from './pipeline.ts';
import { type DialRelay, Proxy } from './proxy.ts';
import { RecordCache } from './record-cache.ts';
import { SmpStats } from './stats.ts';
import { Subscriptions } from './subscriptions.ts';
import { shareLimits } from './shared-limits.ts';
import { startSweeps } from './sweeps.ts';

/** There are few services in a network, and each registers once. */
const NEW_SERVICES_PER_MINUTE_PER_ADDRESS = 30;

export interface SmpServerDeps {
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** The credentials that a connection's TLS session used. */
  readonly credentials: (connection: BlockConnection) => ServerCredentials;
  readonly dialRelay: DialRelay;
  /** Where several nodes are one relay: by which limits hold over all of them. */
  readonly sharedCounts?: SharedCounts;
}

export interface SmpServer {
  /** Serves a connection whose TLS handshake is done. */
  accept(connection: BlockConnection): void;
  /** Answers what is in flight and closes all connections, spread over `drainMs`. New connections are refused. */
  drain(): Promise<void>;
  readonly stats: SmpStats;
  gauges(): SmpGauges;
  /** Deliveries that wait for their ACK. */
  waitingDeliveries(): WaitingDeliveries;
  /** For people: nothing of any one client. */
  clientSpread(): ClientSpread;
}

export function createSmpServer(deps: SmpServerDeps, options: SmpServerOptions): SmpServer {
  return new Server(deps, options);
}

/** Blocks with so many commands take turns; a message and its ACK never come so. */
const BULK_FROM = 8;

class Server implements SmpServer {
  readonly stats: SmpStats;
  private readonly relay: Relay;
  private readonly deps: SmpServerDeps;
  private readonly running = new Map<number, RunningSession>();
  private readonly clients = new Map<Session, SmpSession>();
  private readonly stopSweeps: () => void;
  /** One for all sessions. */
  private readonly sessionDeps: SessionDeps;
  private readonly bulk = new BulkTurns();
  private nextId = 1;
  private draining = false;

  constructor(deps: SmpServerDeps, options: SmpServerOptions) {
    this.deps = deps;
    const { store, clock, log } = deps;
    this.stats = new SmpStats(clock);
    const relay: Relay = {
      store,
      clock,
      log,
      options,
      stats: this.stats,
      alone: deps.sharedCounts === undefined,
      delivery: new Delivery({ store, clock, log, stats: this.stats }),
      proxy: new Proxy({ dial: deps.dialRelay, clock }, options.proxy),
      records: new RecordCache(),
      newQueues: new RateLimit(clock, options.newQueuesPerMinutePerAddress, NEW_QUEUES_WINDOW_MS),
      newServices: new RateLimit(clock, NEW_SERVICES_PER_MINUTE_PER_ADDRESS, MINUTE),
      newQueuesInAll: new RateLimit(clock, options.newQueuesPerMinute, NEW_QUEUES_WINDOW_MS),
      answer: (sender, parsed) => answerParsed(relay, sender, parsed),
    };
    this.relay = relay;
    this.sessionDeps = { protocol: this.protocol(), clock, credentials: deps.credentials, times: this.stats.stages };
    store.listen(relay.delivery);
    const stopSweeps = startSweeps(relay);
    const limits = { queues: relay.newQueuesInAll, address: relay.newQueues };
    const stopSharing = deps.sharedCounts === undefined ? () => undefined : shareLimits({ shared: deps.sharedCounts, clock, log, limits });
    this.stopSweeps = () => {
      stopSweeps();
      stopSharing();
    };
  }

  accept(connection: BlockConnection): void {
    if (this.draining) return connection.destroy('drain');
    const id = this.nextId++;
    try {
      this.running.set(id, serveConnection(id, connection, this.sessionDeps, this.relay.options));
    } catch (error) {
      this.stats.internalErrors.add();
      this.relay.log.error('a session could not begin', { error: String(error) });
      connection.destroy('error');
    }
  }

  private protocol(): SessionProtocol {
    return {
      versions: (alpn) => (alpn === null ? LEGACY_VERSIONS : RELAY_VERSIONS),
      encryptFrom: BLOCK_ENCRYPTION_VERSION,
      registerService: (service, checked, addressKey) => this.registerService(service, checked, addressKey),
      ready: (session) => this.ready(session),
      block: (session, items) => this.block(session, items),
      closed: (session, reason, id) => {
        this.running.delete(id);
        this.stats.closed.add(reason);
        if (session !== null) this.closed(session);
      },
      refused: (failure) => this.stats.handshakeFailures.add(failure),
    };
  }

  private async registerService(
    { role, chain }: ClientService, { fingerprint }: CheckedService, addressKey: string,
  ): Promise<Uint8Array | TransportError> {
    const { store, clock, options, newServices } = this.relay;
    if (!options.serviceCredentials) return 'HANDSHAKE BAD_SERVICE';
    const record = { serviceId: randomBytes(ID_LENGTH), role, fingerprint, chain, createdAt: unixSeconds(clock) };
    // A known service is served always; certificates are for anyone to make, so new ones are bounded twice.
    const registered = await store.registerService(record, newServices.take(addressKey) ? options.serviceRecords : 0);
    return registered.status === 'ok' ? registered.service.serviceId : 'HANDSHAKE BAD_SERVICE';
  }

  private ready(session: Session): void {
    const client: SmpSession = {
      session,
      subscriptions: new Subscriptions(this.stats.pendingDeliveries),
      order: new KeyedOrder(),
      forwards: new Slots(this.relay.options.proxy.forwardsPerClient),
    };
    this.clients.set(session, client);
    this.relay.delivery.add(client);
  }

  private async block(session: Session, items: readonly Uint8Array[] | null): Promise<'spent' | void> {
    const client = this.clients.get(session);
    if (client === undefined) return;
    const { stats } = this;
    const began = performance.now();
    const { connection, version } = session;
    const parsed = items?.map((item) => parseItem(item, version, connection.sessionId)) ?? [{ answer: BAD_BLOCK }];
    stats.stages.parse.observe((performance.now() - began) / SECOND);
    const answers = items === null ? [BAD_BLOCK] : await this.answer(client, parsed);
    // A connection that closed meanwhile may have subscribed after it was released.
    if (!this.clients.has(session)) return this.release(session);
    const answered = performance.now();
    tellAll(client, answers);
    const ended = performance.now();
    stats.stages.encode.observe((ended - answered) / SECOND);
    for (const entry of parsed) if ('incoming' in entry) stats.commandSeconds.of(entry.incoming.command.tag).observe((ended - began) / SECOND);
    if (isSpent(parsed, answers)) return 'spent';
  }

  /** Blocks that share an entity are answered one after another, others side by side. */
  private answer(client: SmpSession, parsed: readonly Parsed[]): Promise<readonly Answer[]> {
    const { connection, version, verifier, service } = client.session;
    const sender: Sender = { client, version, sessionId: connection.sessionId, verifier, service, forwarded: false };
    const answer = (): Promise<readonly Answer[]> => this.relay.answer(sender, parsed);
    return client.order.run(entitiesOf(parsed), parsed.length < BULK_FROM ? answer : () => this.bulk.run(answer));
  }

  private closed(session: Session): void {
    const client = this.clients.get(session);
    if (client === undefined) return;
    this.clients.delete(session);
    this.relay.delivery.remove(client);
    this.release(session);
  }

  private release(session: Session): void {
    this.relay.store.release(session.id).catch((error: unknown) => this.relay.log.error('release failed', { error: String(error) }));
  }

  gauges(): SmpGauges {
    const { running, clients, relay } = this;
    return { connections: running.size, relays: relay.proxy.relayCount, ...sessionGauges(clients.values()) };
  }

  waitingDeliveries(): WaitingDeliveries {
    return this.stats.pendingDeliveries.waiting(this.deps.clock.now());
  }

  clientSpread(): ClientSpread {
    return clientSpread(this.clients.values());
  }

  async drain(): Promise<void> {
    this.draining = true;
    this.stopSweeps();
    await drainSessions(this.running.values(), this.relay.options.drainMs);
    this.relay.proxy.close();
  }
}

function tellAll(client: SmpSession, answers: readonly Answer[]): void {
  for (const { reply, entityId, corrId } of answers) if (reply !== UNANSWERED) tell(client, reply, entityId, corrId);
}

/**
 * Whether no view of a block outlives its answers. SEND and ACK that were done keep none: the store has copied the body, and
 * a delivery of it waits in an outbox. Of other commands, and of what failed half-way, that is not claimed.
 */
function isSpent(parsed: readonly Parsed[], answers: readonly Answer[]): boolean {
  return parsed.every((entry) => 'incoming' in entry && SPENT_WHEN_DONE.has(entry.incoming.command.tag)) && answers.every(({ reply }) => reply.tag !== 'ERR');
}

const SPENT_WHEN_DONE: ReadonlySet<SmpCommandTag> = new Set(['SEND', 'ACK']);

/** Ids of queues that a block's commands name, as keys of order; forwards to one relay need none. */
function entitiesOf(parsed: readonly Parsed[]): readonly IdKey[] {
  // Most blocks have one command.
  const [first] = parsed;
  if (parsed.length === 1 && first !== undefined) return 'incoming' in first && partyOf(first.incoming.command.tag) !== null ? [first.incoming.entityKey] : [];
  const keys = new Set<IdKey>();
  for (const entry of parsed) {
    if ('incoming' in entry && partyOf(entry.incoming.command.tag) !== null) keys.add(entry.incoming.entityKey);
  }
  return [...keys];
}
