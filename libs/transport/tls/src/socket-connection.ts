/**
 * What both transports share of a connection: its life from open to closed, the guard against a peer that does not
 * read, and the rule that `closed` is called exactly once and last. No error of a socket escapes from here.
 *
 *   open ──close──> closing ──┐
 *     └──destroy, peer, error─┴──> closed
 */
import type { Socket } from 'node:net';
import { type Clock, SECOND, systemClock } from '@polyplex/base';
import type { BlockConnection, CloseReason, ConnectionFacts, ConnectionHandlers } from '@polyplex/protocol-common';

export interface ConnectionOptions {
  /** A peer that takes nothing for this long while blocks wait for it is cut off as `slow`; default 60 s. */
  readonly writeTimeoutMs?: number;
  /** Size of all blocks, both ways; default 16384. */
  readonly blockBytes?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Called once when the socket is gone, before the handlers hear of it. */
  readonly onClosed?: (connection: BlockConnection) => void;
}

const WRITE_TIMEOUT_MS = 60 * SECOND;
/** Between our end of a connection and the other's: what is queued may leave, then it is cut off (SMP §2.6). */
const CLOSE_TIMEOUT_MS = 5 * SECOND;
/** How errors look when the other end went away without a word. */
const PEER_GONE = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

export abstract class SocketConnection implements BlockConnection {
  readonly sessionId: Uint8Array;
  readonly alpn: string | null;
  readonly peerChain: readonly Uint8Array[];
  readonly ownChain: readonly Uint8Array[];
  readonly addressKey: string;

  protected readonly socket: Socket;
  readonly #options: ConnectionOptions;
  #life: 'open' | 'closing' | 'closed' = 'open';
  #reason: CloseReason = 'peer';
  #handlers: ConnectionHandlers | null = null;
  #bytesQueued = 0;
  /** What the system had taken when it was last looked at, and when that last changed. */
  #bytesTaken = 0;
  #movedAt = 0;
  #cancelWatch: (() => void) | null = null;
  #cancelCutOff: (() => void) | null = null;

  constructor(socket: Socket, facts: ConnectionFacts, options: ConnectionOptions) {
    this.sessionId = facts.sessionId;
    this.alpn = facts.alpn;
    this.peerChain = facts.peerChain;
    this.ownChain = facts.ownChain;
    this.addressKey = facts.addressKey;
    this.socket = socket;
    this.#options = options;
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end(PEER_GONE.has(error.code ?? '') ? 'peer' : 'error'));
    socket.on('end', () => this.#end('peer'));
    socket.on('close', () => this.#closed());
    socket.on('drain', () => this.#drained());
    if (socket.destroyed) queueMicrotask(() => this.#closed());
  }

  /** Begins to hear blocks. */
  protected abstract listen(): void;
  /** Hands one block to the socket; false: stop until `drain`. */
  protected abstract send(block: Uint8Array): boolean;
  /** Ends our side after what is queued. */
  protected abstract finish(): void;

  protected read(flowing: boolean): void {
    if (flowing) this.socket.resume();
    else this.socket.pause();
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#life === 'closed') queueMicrotask(() => this.#tell());
    else if (this.#life === 'open') this.listen();
  }

  pause(): void {
    if (this.#life === 'open') this.read(false);
  }

  resume(): void {
    if (this.#life === 'open') this.read(true);
  }

  write(block: Uint8Array): boolean {
    if (this.#life !== 'open') return true;
    this.#bytesQueued += block.length;
    if (this.#cancelWatch === null) this.#watch();
    return this.send(block);
  }

  get bufferedBytes(): number {
    return this.socket.writableLength;
  }

  close(reason: CloseReason): void {
    if (this.#life !== 'open') return;
    this.#life = 'closing';
    this.#reason = reason;
    this.finish();
    // What the peer still sends is dropped, but must be read for its end to be seen.
    this.read(true);
    this.#cancelCutOff = this.#clock.after(CLOSE_TIMEOUT_MS, () => this.socket.destroy());
  }

  destroy(reason: CloseReason): void {
    this.#end(reason);
  }

  /** For blocks as they arrive; after the close they are dropped. */
  protected readonly deliver = (block: Uint8Array): void => {
    if (this.#life === 'open') this.#handlers?.block(block);
  };

  get #clock(): Clock {
    return this.#options.clock ?? systemClock;
  }

  #end(reason: CloseReason): void {
    if (this.#life === 'closed') return;
    if (this.#life === 'open') this.#reason = reason;
    this.#life = 'closing';
    this.socket.destroy();
  }

  #closed(): void {
    if (this.#life === 'closed') return;
    this.#life = 'closed';
    this.#cancelWatch?.();
    this.#cancelCutOff?.();
    this.#options.onClosed?.(this);
    this.#tell();
  }

  #tell(): void {
    const handlers = this.#handlers;
    this.#handlers = null;
    handlers?.closed(this.#reason);
  }

  #drained(): void {
    if (this.#life === 'open') this.#handlers?.drained();
  }

  /**
   * One timer at most, started by a write and renewed only while bytes wait: a busy connection costs two checks per
   * timeout, an idle one nothing. A stall is noticed after one to one and a half timeouts.
   */
  #watch(): void {
    this.#bytesTaken = this.#bytesQueued - this.socket.writableLength;
    this.#movedAt = this.#clock.now();
    this.#scheduleCheck();
  }

  #scheduleCheck(): void {
    this.#cancelWatch = this.#clock.after(this.#writeTimeoutMs / 2, () => this.#check());
  }

  #check(): void {
    this.#cancelWatch = null;
    const waiting = this.socket.writableLength;
    if (waiting === 0) return;
    const taken = this.#bytesQueued - waiting;
    const now = this.#clock.now();
    if (taken !== this.#bytesTaken) {
      this.#bytesTaken = taken;
      this.#movedAt = now;
    } else if (now - this.#movedAt >= this.#writeTimeoutMs) {
      this.#end('slow');
      return;
    }
    this.#scheduleCheck();
  }

  get #writeTimeoutMs(): number {
    return this.#options.writeTimeoutMs ?? WRITE_TIMEOUT_MS;
  }
}
