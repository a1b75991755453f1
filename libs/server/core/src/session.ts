/**
 * One client's session from its first byte to its last:
 *
 *   handshake ──hello──▶ service ──registered──▶ ready ──▶ closed
 *       │  (ordinary clients go to ready at once)  ▲          ▲
 *       └──────────── failure, timeout ────────────┴──────────┘
 *
 * It turns blocks into items and replies into blocks, and knows nothing of commands. A block that cannot be opened
 * is reported to the protocol as null. Reading pauses while too many commands are in flight or the peer does not read.
 */
import { type Clock, SECOND, utf8 } from '@polyplex/base';
import type { KeyPair, PublicKey } from '@polyplex/crypto';
import {
  type BlockCipher, type BlockConnection, type ClientService, type CloseReason, type TransportError, type VersionRange, giveReceived, handshakeBlock, Outbox, serviceResponse,
} from '@polyplex/protocol-common';
import type { Histogram } from '@polyplex/telemetry';
import { type Accepted, type CheckedService, checkService, type HandshakeFailure, type Offer, type ServerCredentials, type ServerHandshake, smpHandshake } from './handshake.ts';
import { Verifier } from './verifier.ts';

/** The client service of a session, once registered. */
export interface SessionService extends CheckedService {
  readonly serviceId: Uint8Array;
  readonly role: 'M' | 'N' | 'P';
}

export interface Session {
  readonly id: number;
  readonly connection: BlockConnection;
  readonly version: number;
  readonly sessionKeys: KeyPair<'x25519'>;
  readonly peerKey: PublicKey<'x25519'> | null;
  /** X25519 secret with `peerKey`; null when the client sent no key. */
  readonly secret: Uint8Array | null;
  readonly service: SessionService | null;
  readonly outbox: Outbox;
  readonly verifier: Verifier;
  /** Times of the last block each way, for closing inactive connections. */
  receivedAt: number;
  sentAt: number;
}

export interface SessionProtocol {
  /** The range to offer for the negotiated ALPN protocol (null: none). */
  versions(alpn: string | null): VersionRange;
  /** Blocks are encrypted from this version on, when the client sent a key and is no proxy. */
  readonly encryptFrom: number;
  /** Default: that of SMP. */
  readonly handshake?: ServerHandshake;
  /** Registers a service; or the error that its client is told before the connection closes. */
  registerService(service: ClientService, checked: CheckedService, addressKey: string): Promise<Uint8Array | TransportError>;
  ready(session: Session): void;
  /**
   * The items of a block; null when it could not be opened. Settles when all are answered; never rejects. `spent`: with what
   * is in outboxes now, the last views of the block go; its memory is used again after that.
   */
  block(session: Session, items: readonly Uint8Array[] | null): Promise<'spent' | void>;
  /** `id`: as given to `serveConnection`; there is no session yet when a handshake fails. */
  closed(session: Session | null, reason: CloseReason, id: number): void;
  refused(failure: HandshakeFailure): void;
}

export interface SessionOptions {
  readonly handshakeTimeoutMs: number;
  /** Reading pauses while more commands than this are unanswered. */
  readonly commandsInFlight: number;
}

export interface SessionDeps {
  readonly protocol: SessionProtocol;
  readonly clock: Clock;
  readonly credentials: (facts: BlockConnection) => ServerCredentials;
  /** Seconds that a block takes, each way. */
  readonly times: { readonly decrypt: Histogram; readonly encrypt: Histogram };
}

export interface RunningSession {
  readonly id: number;
  /** Stops reading, lets what is in flight be answered, then closes. */
  drain(): Promise<void>;
}

/** Serves one connection; `id` names it for the store. */
export function serveConnection(id: number, connection: BlockConnection, deps: SessionDeps, options: SessionOptions): RunningSession {
  return new SessionLoop(id, connection, deps, options);
}

/** What of an accepted hello is needed to the end. The hello itself is views of its block, which would stay as long. */
type Blocks = Pick<Accepted, 'cipher' | 'batching'>;

type State =
  | { readonly name: 'handshake'; readonly offer: Offer; readonly cancelTimeout: () => void }
  | { readonly name: 'service' }
  | { readonly name: 'ready'; readonly session: Session; readonly blocks: Blocks }
  | { readonly name: 'closed' };

class SessionLoop implements RunningSession {
  readonly id: number;
  private state: State;
  private inFlight = 0;
  private paused = false;
  private draining = false;
  private readonly idle: (() => void)[] = [];
  private readonly connection: BlockConnection;
  private readonly protocol: SessionProtocol;
  private readonly deps: SessionDeps;
  private readonly options: SessionOptions;

  constructor(id: number, connection: BlockConnection, deps: SessionDeps, options: SessionOptions) {
    const { protocol } = deps;
    this.id = id;
    this.connection = connection;
    this.protocol = protocol;
    this.deps = deps;
    this.options = options;
    const offer = this.handshake.offer(connection, deps.credentials(connection), protocol.versions(connection.alpn));
    const cancelTimeout = deps.clock.after(options.handshakeTimeoutMs, () => connection.destroy('timeout'));
    this.state = { name: 'handshake', offer, cancelTimeout };
    connection.start({
      block: (block) => this.onBlock(block),
      drained: () => this.onDrained(),
      closed: (reason) => this.onClosed(reason),
    });
    connection.write(offer.hello);
  }

  private get handshake(): ServerHandshake {
    return this.protocol.handshake ?? smpHandshake;
  }

  private onBlock(block: Uint8Array): void {
    switch (this.state.name) {
      case 'handshake':
        this.onHello(block, this.state.offer, this.state.cancelTimeout);
        return;
      case 'ready':
        this.onContent(block, this.state.session, this.state.blocks);
        return;
      case 'service': // reading is paused; a block that was already read says the client did not wait
      case 'closed':
        this.connection.destroy('handshake');
    }
  }

  private onHello(block: Uint8Array, offer: Offer, cancelTimeout: () => void): void {
    cancelTimeout();
    const accepted = this.handshake.accept(block, this.connection, offer, this.protocol.encryptFrom);
    if (typeof accepted === 'string') return this.refuse(accepted);
    const { service } = accepted.hello;
    if (service === null) return this.becomeReady(offer, accepted, null);
    this.state = { name: 'service' };
    this.connection.pause();
    this.registerService(service, offer, accepted).catch(() => this.connection.destroy('error'));
  }

  private async registerService(service: ClientService, offer: Offer, accepted: Accepted): Promise<void> {
    const checked = checkService(service, this.connection.peerChain);
    const registered = checked === null ? 'HANDSHAKE BAD_AUTH' : await this.protocol.registerService(service, checked, this.connection.addressKey);
    if (this.state.name !== 'service') return; // closed meanwhile
    if (checked === null || typeof registered === 'string') {
      this.connection.write(handshakeBlock(serviceResponse, { type: 'E', error: utf8(registered as string) }));
      this.connection.close('handshake');
      return;
    }
    this.connection.write(handshakeBlock(serviceResponse, { type: 'R', serviceId: registered }));
    this.becomeReady(offer, accepted, { ...checked, serviceId: registered, role: service.role });
    this.connection.resume();
  }

  private becomeReady(offer: Offer, accepted: Accepted, service: SessionService | null): void {
    const now = this.deps.clock.now();
    const outbox = new Outbox(this.connection, this.timedSeal(accepted.cipher), () => {
      session.sentAt = this.deps.clock.now();
      this.balance();
    }, accepted.batching);
    const session: Session = {
      id: this.id,
      connection: this.connection,
      version: accepted.hello.version,
      sessionKeys: offer.sessionKeys,
      peerKey: accepted.hello.key,
      secret: accepted.secret,
      service,
      outbox,
      verifier: new Verifier(offer.sessionKeys.privateKey),
      receivedAt: now,
      sentAt: now,
    };
    this.state = { name: 'ready', session, blocks: { cipher: accepted.cipher, batching: accepted.batching } };
    this.protocol.ready(session);
  }

  private timedSeal(cipher: BlockCipher): BlockCipher {
    const { encrypt } = this.deps.times;
    const { sealInto } = cipher;
    const timed = <A extends readonly unknown[], T>(seal: (...given: A) => T) => (...given: A): T => {
      const began = performance.now();
      const sealed = seal(...given);
      encrypt.observe((performance.now() - began) / SECOND);
      return sealed;
    };
    return {
      seal: timed((items) => cipher.seal(items)),
      ...(sealInto === undefined ? {} : { sealInto: timed(sealInto) }),
      open: (block) => cipher.open(block),
    };
  }

  private onContent(block: Uint8Array, session: Session, { cipher, batching }: Blocks): void {
    session.receivedAt = this.deps.clock.now();
    const began = performance.now();
    const content = cipher.open(block);
    const items = content === null ? null : batching.read(content);
    this.deps.times.decrypt.observe((performance.now() - began) / SECOND);
    const count = items?.length ?? 1;
    this.inFlight += count;
    this.balance();
    const answered = (use: 'spent' | void): void => {
      // Outboxes that hold a view of it now are emptied by immediates that were asked for before this one.
      if (use === 'spent') setImmediate(() => giveReceived(block));
      this.inFlight -= count;
      this.balance();
      if (this.inFlight === 0) for (const resolve of this.idle.splice(0)) resolve();
    };
    this.protocol.block(session, items).then(answered, () => answered());
  }

  /** Pauses and resumes reading: too much unanswered, a peer that does not read, or a drain. */
  private balance(): void {
    if (this.state.name !== 'ready') return;
    const busy = this.draining || this.inFlight > this.options.commandsInFlight || !this.state.session.outbox.writable;
    if (busy === this.paused) return;
    this.paused = busy;
    if (busy) this.connection.pause();
    else this.connection.resume();
  }

  private onDrained(): void {
    if (this.state.name !== 'ready') return;
    this.state.session.outbox.drained();
    this.balance();
  }

  private onClosed(reason: CloseReason): void {
    if (this.state.name === 'handshake') this.state.cancelTimeout();
    const session = this.state.name === 'ready' ? this.state.session : null;
    this.state = { name: 'closed' };
    for (const resolve of this.idle.splice(0)) resolve();
    this.protocol.closed(session, reason, this.id);
  }

  private refuse(failure: HandshakeFailure): void {
    this.protocol.refused(failure);
    this.connection.destroy('handshake');
  }

  async drain(): Promise<void> {
    this.draining = true;
    if (this.state.name === 'ready') {
      this.balance();
      if (this.inFlight > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
      if (this.state.name === 'ready') this.state.session.outbox.flush();
    }
    this.connection.close('drain');
  }
}
