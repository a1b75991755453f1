/**
 * The SMP relay of one node. It is given connections, a store and a way to reach other relays; it owns the sessions
 * and nothing else. Queues are owned by the store: every change of one is a step of its contract.
 */
import { type Clock, idKey, type IdKey, ID_LENGTH, MINUTE, unixSeconds } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { BlockConnection, ClientService, TransportError } from '@polyplex/protocol-common';
import { BLOCK_ENCRYPTION_VERSION, LEGACY_VERSIONS, RELAY_VERSIONS } from '@polyplex/protocol-smp';
import { type CheckedService, KeyedOrder, RateLimit, type RunningSession, serveConnection, type ServerCredentials, type Session, type SessionProtocol, Slots } from '@polyplex/server-core';
import type { QueueStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { Relay, Sender } from './context.ts';
import type { SmpSession } from './smp-session.ts';
import { Delivery } from './delivery.ts';
import { tell } from './telling.ts';
import { NEW_QUEUES_WINDOW_MS } from './handlers/new.ts';
import { type Answer, BAD_BLOCK, type Parsed, parseItem } from './incoming.ts';
import type { SmpServerOptions } from './options.ts';
import { answerParsed, partyOf } from './pipeline.ts';
import { type DialRelay, Proxy } from './proxy.ts';
import { RecordCache } from './record-cache.ts';
import { SmpStats } from './stats.ts';
import { Subscriptions } from './subscriptions.ts';
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
}

export interface SmpServer {
  /** Serves a connection whose TLS handshake is done. */
  accept(connection: BlockConnection): void;
  /** Answers what is in flight and closes all connections, spread over `drainMs`. New connections are refused. */
  drain(): Promise<void>;
  readonly stats: SmpStats;
  gauges(): SmpGauges;
}

export interface SmpGauges {
  readonly connections: number;
  readonly sessions: number;
  readonly subscriptions: number;
  readonly subscribedSessions: number;
  readonly notifierSubscriptions: number;
  readonly relays: number;
}

export function createSmpServer(deps: SmpServerDeps, options: SmpServerOptions): SmpServer {
  return new Server(deps, options);
}

class Server implements SmpServer {
  readonly stats = new SmpStats();
  private readonly relay: Relay;
  private readonly deps: SmpServerDeps;
  private readonly running = new Map<number, RunningSession>();
  private readonly clients = new Map<Session, SmpSession>();
  private readonly stopSweeps: () => void;
  private nextId = 1;
  private draining = false;

  constructor(deps: SmpServerDeps, options: SmpServerOptions) {
    this.deps = deps;
    const { store, clock, log } = deps;
    const relay: Relay = {
      store,
      clock,
      log,
      options,
      stats: this.stats,
      delivery: new Delivery({ store, log, stats: this.stats }),
      proxy: new Proxy({ dial: deps.dialRelay, clock }, options.proxy),
      records: new RecordCache(),
      newQueues: new RateLimit(clock, options.newQueuesPerMinutePerAddress, NEW_QUEUES_WINDOW_MS),
      newServices: new RateLimit(clock, NEW_SERVICES_PER_MINUTE_PER_ADDRESS, MINUTE),
      newQueuesInAll: new RateLimit(clock, options.newQueuesPerMinute, NEW_QUEUES_WINDOW_MS),
      answer: (sender, parsed) => answerParsed(relay, sender, parsed),
    };
    this.relay = relay;
    store.listen(relay.delivery);
    this.stopSweeps = startSweeps(relay);
  }

  accept(connection: BlockConnection): void {
    if (this.draining) return connection.destroy('drain');
    const id = this.nextId++;
    const { handshakeTimeoutMs, commandsInFlight } = this.relay.options;
    const deps = { protocol: this.protocol(id), clock: this.deps.clock, credentials: this.deps.credentials };
    try {
      this.running.set(id, serveConnection(id, connection, deps, { handshakeTimeoutMs, commandsInFlight }));
    } catch (error) {
      this.stats.internalErrors.add();
      this.relay.log.error('a session could not begin', { error: String(error) });
      connection.destroy('error');
    }
  }

  private protocol(id: number): SessionProtocol {
    return {
      versions: (alpn) => (alpn === null ? LEGACY_VERSIONS : RELAY_VERSIONS),
      encryptFrom: BLOCK_ENCRYPTION_VERSION,
      registerService: (service, checked, addressKey) => this.registerService(service, checked, addressKey),
      ready: (session) => this.ready(session),
      block: (session, items) => this.block(session, items),
      closed: (session, reason) => {
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
      subscriptions: new Subscriptions(),
      order: new KeyedOrder(),
      forwards: new Slots(this.relay.options.proxy.forwardsPerClient),
    };
    this.clients.set(session, client);
    this.relay.delivery.add(client);
  }

  private async block(session: Session, items: readonly Uint8Array[] | null): Promise<void> {
    const client = this.clients.get(session);
    if (client === undefined) return;
    const answers = items === null ? [BAD_BLOCK] : await this.answer(client, items);
    // A connection that closed meanwhile may have subscribed after it was released.
    if (!this.clients.has(session)) return this.release(session);
    for (const { reply, entityId, corrId } of answers) tell(client, reply, entityId, corrId);
  }

  /** Blocks that share an entity are answered one after another, others side by side. */
  private answer(client: SmpSession, items: readonly Uint8Array[]): Promise<readonly Answer[]> {
    const { connection, version, verifier, service } = client.session;
    const sender: Sender = { client, version, sessionId: connection.sessionId, verifier, service, forwarded: false };
    const parsed = items.map((item) => parseItem(item, version, sender.sessionId));
    return client.order.run(entitiesOf(parsed), () => this.relay.answer(sender, parsed));
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
    let subscriptions = 0;
    let subscribedSessions = 0;
    let notifierSubscriptions = 0;
    for (const client of this.clients.values()) {
      subscriptions += client.subscriptions.subscribed;
      if (client.subscriptions.any) subscribedSessions++;
      notifierSubscriptions += client.subscriptions.notifierCount;
    }
    const { running, clients, relay } = this;
    return { connections: running.size, sessions: clients.size, subscriptions, subscribedSessions, notifierSubscriptions, relays: relay.proxy.relayCount };
  }

  async drain(): Promise<void> {
    this.draining = true;
    this.stopSweeps();
    const sessions = [...this.running.values()];
    const stepMs = sessions.length === 0 ? 0 : this.relay.options.drainMs / sessions.length;
    const start = Date.now();
    await Promise.all(
      sessions.map(async (session, i) => {
        const wait = start + i * stepMs - Date.now();
        if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
        await session.drain();
      }),
    );
    this.relay.proxy.close();
  }
}

/** Ids of queues that a block's commands name, as keys of order; forwards to one relay need none. */
function entitiesOf(parsed: readonly Parsed[]): readonly IdKey[] {
  const keys = new Set<IdKey>();
  for (const entry of parsed) {
    if ('incoming' in entry && partyOf(entry.incoming.command.tag) !== null) keys.add(idKey(entry.incoming.entityId));
  }
  return [...keys];
}
