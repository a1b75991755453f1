/**
 * Connections to destination relays, one for all clients of this relay (SMP §7.1). An attempt is shared by all who
 * wait for it; a failed one is remembered for a while. How a connection is made is injected.
 */
import { idKey } from '@polyplex/base';
import { type BoxKey, boxKeyOf, randomBytes } from '@polyplex/crypto';
import { type CertChainPubKey, formatAddress, type ServerAddress, type VersionRange } from '@polyplex/protocol-common';
import {
  type BrokerError, type CommandOf, openForwardedResponse, sealForwarded, type SmpError, type SmpReply,
} from '@polyplex/protocol-smp';
import type { Clock } from '@polyplex/base';
import type { ProxyOptions } from './options.ts';

/** A session with a destination relay in which we are the proxy. */
export interface RelayConnection {
  readonly sessionId: Uint8Array;
  readonly version: number;
  /** The versions that both of us speak. */
  readonly versions: VersionRange;
  /** The relay's chain and signed key exactly as in its hello; null when it sent none. */
  readonly key: CertChainPubKey | null;
  /** X25519 secret of our hello key and the relay's; null when it sent none. */
  readonly secret: Uint8Array | null;
  /** Sends RFWD with this corrId; rejects with a `RelayFailure`. */
  forward(encFwdTransmission: Uint8Array, corrId: Uint8Array, timeoutMs: number): Promise<SmpReply>;
  readonly closed: Promise<void>;
  close(): void;
}

/** `signal` gives the attempt up. */
export type DialRelay = (address: ServerAddress, timeoutMs: number, signal: AbortSignal) => Promise<RelayConnection>;

/** Why a destination relay could not be used, in the protocol's words. */
export class RelayFailure extends Error {
  readonly broker: BrokerError;

  constructor(broker: BrokerError, options?: { cause?: unknown }) {
    super(`relay: ${broker.type}`, options);
    this.name = 'RelayFailure';
    this.broker = broker;
  }
}

interface Entry {
  /** Of the same operator. */
  readonly own: boolean;
  readonly connecting: Promise<RelayConnection>;
  connection: RelayConnection | null;
  inFlight: number;
  usedAt: number;
}

/** An attempt that failed: until `until` the same address gets the same error. */
interface Failure {
  readonly until: number;
  readonly attempt: Promise<RelayConnection>;
}

/** More failures than this within their time are a client's doing; the oldest are forgotten. */
const FAILURES_REMEMBERED = 10_000;

export interface ProxyDeps {
  readonly dial: DialRelay;
  readonly clock: Clock;
}

export class Proxy {
  private readonly byAddress = new Map<string, Entry>();
  private readonly bySession = new Map<string, Entry>();
  private readonly failures = new Map<string, Failure>();
  private readonly closing = new AbortController();
  private readonly deps: ProxyDeps;
  private readonly options: ProxyOptions;

  constructor(deps: ProxyDeps, options: ProxyOptions) {
    this.deps = deps;
    this.options = options;
  }

  get relayCount(): number {
    return this.bySession.size;
  }

  /** Relays that could not be reached a moment ago. */
  get failureCount(): number {
    return this.failures.size;
  }

  /** The session with a relay, opened when there is none. Rejects with a `RelayFailure`. */
  connect(address: ServerAddress): Promise<RelayConnection> {
    const name = formatAddress(address, 'smp');
    const known = this.byAddress.get(name);
    if (known !== undefined) {
      known.usedAt = this.deps.clock.now();
      return known.connecting;
    }
    const failure = this.failures.get(name);
    if (failure !== undefined && failure.until > this.deps.clock.now()) return failure.attempt;
    if (this.closing.signal.aborted || !this.makeRoom()) return Promise.reject(new RelayFailure({ type: 'TIMEOUT' }));
    const connecting = this.deps.dial(address, this.options.connectTimeoutMs, this.closing.signal);
    const entry: Entry = { own: this.isOwn(address), connecting, connection: null, inFlight: 0, usedAt: this.deps.clock.now() };
    this.byAddress.set(name, entry);
    entry.connecting.then(
      (connection) => this.opened(name, entry, connection),
      () => {
        this.byAddress.delete(name);
        this.remember(name, entry.connecting);
      },
    );
    return entry.connecting;
  }

  /** Closes the relay that was not used for longest, where there is no place for another; false: all are in use. */
  private makeRoom(): boolean {
    if (this.byAddress.size < this.options.relays) return true;
    let oldest: readonly [string, Entry] | null = null;
    for (const each of this.byAddress) {
      const idle = each[1].connection !== null && each[1].inFlight === 0;
      if (idle && (oldest === null || each[1].usedAt < oldest[1].usedAt)) oldest = each;
    }
    if (oldest === null) return false;
    this.byAddress.delete(oldest[0]);
    oldest[1].connection!.close();
    return true;
  }

  private opened(name: string, entry: Entry, connection: RelayConnection): void {
    if (this.closing.signal.aborted) return connection.close();
    const session = idKey(connection.sessionId);
    entry.connection = connection;
    this.bySession.set(session, entry);
    void connection.closed.then(() => {
      this.bySession.delete(session);
      if (this.byAddress.get(name) === entry) this.byAddress.delete(name);
    });
  }

  private remember(name: string, attempt: Promise<RelayConnection>): void {
    const now = this.deps.clock.now();
    this.failures.delete(name); // to the end: the map is in the order of time
    this.failures.set(name, { until: now + this.options.failureMemoryMs, attempt });
    for (const [old, { until }] of this.failures) {
      if (until > now && this.failures.size <= FAILURES_REMEMBERED) return;
      this.failures.delete(old);
    }
  }

  /** Whether a relay is of the same operator (`ownDomains`). */
  isOwn({ hosts }: Pick<ServerAddress, 'hosts'>): boolean {
    const names = this.options.ownDomains.map((domain) => domain.toLowerCase());
    return hosts.some((host) => names.some((name) => `.${host.toLowerCase()}`.endsWith(`.${name}`)));
  }

  /** The same of a session; false for one that is gone. */
  isOwnSession(session: Uint8Array): boolean {
    return this.bySession.get(idKey(session))?.own ?? false;
  }

  /** Forwards a client's command; the answer is what the client gets. */
  async forward(session: Uint8Array, corrId: Uint8Array, command: CommandOf<'PFWD'>): Promise<SmpReply> {
    const entry = this.bySession.get(idKey(session));
    const connection = entry?.connection;
    if (!entry || !connection) return proxyError({ type: 'NO_SESSION' });
    if (connection.secret === null) return brokerError({ type: 'TRANSPORT', error: 'NO_AUTH' });
    if (entry.inFlight >= this.options.forwardsPerRelay) return brokerError({ type: 'TIMEOUT' });
    const key = boxKeyOf(connection.secret);
    const nonce = randomBytes(24);
    entry.usedAt = this.deps.clock.now();
    const { version, key: clientKey, encTransmission } = command;
    entry.inFlight++;
    try {
      const sealed = sealForwarded(key, nonce, { corrId, version, key: clientKey, encTransmission });
      return openResponse(await connection.forward(sealed, nonce, this.options.commandTimeoutMs), key, nonce);
    } catch (error) {
      if (error instanceof RelayFailure) return brokerError(error.broker);
      throw error;
    } finally {
      entry.inFlight--;
    }
  }

  /** Ends all connections and attempts; nothing is connected to after that. */
  close(): void {
    this.closing.abort();
    for (const entry of this.bySession.values()) entry.connection?.close();
  }
}

/** What the client gets for the relay's answer to RFWD. */
function openResponse(reply: SmpReply, key: BoxKey, nonce: Uint8Array): SmpReply {
  if (reply.tag === 'ERR') return proxyError({ type: 'PROTOCOL', error: reply.error });
  if (reply.tag !== 'RRES') return brokerError({ type: 'UNEXPECTED', text: reply.tag });
  const opened = openForwardedResponse(key, nonce, reply.encFwdResponse);
  return opened === null ? errorOf({ type: 'CRYPTO' }) : { tag: 'PRES', encResponse: opened.encResponse };
}

function errorOf(error: SmpError): SmpReply {
  return { tag: 'ERR', error };
}

export function proxyError(error: (SmpError & { type: 'PROXY' })['error']): SmpReply {
  return errorOf({ type: 'PROXY', error });
}

export function brokerError(error: BrokerError): SmpReply {
  return proxyError({ type: 'BROKER', error });
}
