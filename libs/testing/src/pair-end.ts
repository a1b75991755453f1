/** One end of a pair of connections in memory; see `connection-pair.ts` for what it promises. */
import type { Clock } from '@polyplex/base';
import type { CloseReason, ConnectionFacts, ConnectionHandlers } from '@polyplex/protocol-common';
import type { PairedConnection } from './connection-pair.ts';

export interface PairEndOptions {
  readonly clock: Clock;
  readonly latencyMs: number;
  readonly highWaterBytes: number;
  readonly blockBytes: number;
  readonly intercept: (block: Uint8Array) => Uint8Array | null;
}

interface Travelling {
  readonly block: Uint8Array;
  /** When it may arrive. */
  readonly at: number;
}

/** As the TLS transport: what is queued may leave, then the connection is cut off. */
const CLOSE_TIMEOUT_MS = 5_000;

export class PairEnd implements PairedConnection {
  readonly sessionId: Uint8Array;
  readonly alpn: string | null;
  readonly peerChain: readonly Uint8Array[];
  readonly ownChain: readonly Uint8Array[];
  readonly addressKey: string;
  blocksWritten = 0;
  isPaused = false;

  private readonly options: PairEndOptions;
  private peer: PairEnd | null = null;
  private handlers: ConnectionHandlers | null = null;
  /** Written here, not yet taken by the peer. */
  private outgoing: Travelling[] = [];
  private bytes = 0;
  private life: 'open' | 'closing' | 'closed' = 'open';
  private reason: CloseReason = 'peer';
  private held = false;
  private owesDrain = false;
  private pumping = false;
  private cancelCutOff: (() => void) | null = null;

  constructor(facts: ConnectionFacts, options: PairEndOptions) {
    this.sessionId = facts.sessionId;
    this.alpn = facts.alpn;
    this.peerChain = facts.peerChain;
    this.ownChain = facts.ownChain;
    this.addressKey = facts.addressKey;
    this.options = options;
  }

  join(peer: PairEnd): void {
    this.peer = peer;
  }

  get bufferedBytes(): number {
    return this.bytes;
  }

  start(handlers: ConnectionHandlers): void {
    if (this.handlers !== null) throw new Error('a connection is started once');
    this.handlers = handlers;
    if (this.life === 'closed') queueMicrotask(() => handlers.closed(this.reason));
    else this.peer?.schedule();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.peer?.schedule();
  }

  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
    this.schedule();
  }

  write(block: Uint8Array): boolean {
    if (this.life !== 'open') return true;
    const { blockBytes } = this.options;
    if (block.length !== blockBytes) throw new RangeError(`a block has ${blockBytes} bytes, not ${block.length}`);
    this.blocksWritten++;
    const arriving = this.options.intercept(block);
    // The writer keeps its block until sent and the receiver owns what it gets, so they must not share memory.
    if (arriving !== null) this.outgoing.push({ block: Uint8Array.from(arriving), at: this.options.clock.now() + this.options.latencyMs });
    this.bytes = this.outgoing.length * blockBytes;
    this.schedule();
    this.owesDrain ||= this.bytes >= this.options.highWaterBytes;
    return !this.owesDrain;
  }

  close(reason: CloseReason): void {
    if (this.life !== 'open') return;
    this.life = 'closing';
    this.reason = reason;
    this.isPaused = false;
    this.peer?.schedule();
    if (this.outgoing.length > 0) this.cancelCutOff = this.options.clock.after(CLOSE_TIMEOUT_MS, () => this.end());
    this.schedule();
  }

  destroy(reason: CloseReason): void {
    if (this.life === 'closed') return;
    if (this.life === 'open') this.reason = reason;
    this.end();
  }

  /** Lets travelling blocks arrive in the next turn of the event loop, or when their time has come. */
  private schedule(): void {
    if (this.pumping || this.life === 'closed') return;
    const waitMs = this.outgoing.length === 0 ? 0 : this.outgoing[0]!.at - this.options.clock.now();
    this.pumping = true;
    if (waitMs > 0) this.options.clock.after(waitMs, () => this.pump());
    else setImmediate(() => this.pump());
  }

  private pump(): void {
    this.pumping = false;
    if (this.life === 'closed') return;
    const now = this.options.clock.now();
    while (this.outgoing.length > 0 && this.outgoing[0]!.at <= now && this.canDeliver()) {
      const { block } = this.outgoing.shift()!;
      this.bytes -= this.options.blockBytes;
      this.peer!.arrived(block);
    }
    if (this.outgoing.length > 0) {
      if (this.outgoing[0]!.at > now) this.schedule();
      return;
    }
    if (this.life === 'closing') this.end();
    else if (this.owesDrain) {
      this.owesDrain = false;
      this.handlers?.drained();
    }
  }

  private canDeliver(): boolean {
    const { peer } = this;
    // An end that closes reads and drops what still comes, as a socket does.
    return !this.held && this.life !== 'closed' && peer !== null && (peer.life === 'closing' || (peer.handlers !== null && !peer.isPaused));
  }

  private arrived(block: Uint8Array): void {
    if (this.life === 'open') this.handlers?.block(block);
  }

  private end(): void {
    if (this.life === 'closed') return;
    this.life = 'closed';
    this.outgoing = [];
    this.bytes = 0;
    this.cancelCutOff?.();
    const { handlers, peer } = this;
    setImmediate(() => {
      handlers?.closed(this.reason);
      peer?.destroy('peer');
    });
  }
}
