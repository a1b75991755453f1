/**
 * A connection as the servers and the client see it: whole 16 KiB blocks in order, both ways, never a socket.
 * Transports make it; tests make it in memory.
 */

/** What the transport knows of the other end when the secure channel stands. */
export interface ConnectionFacts {
  /** tls-unique: the client's Finished message, 12 or 32 bytes (SMP §2.5). */
  readonly sessionId: Uint8Array;
  /** The negotiated ALPN protocol; null when the client sent no ALPN extension. */
  readonly alpn: string | null;
  /** The other end's certificates in DER, leaf first; empty when it presented none. */
  readonly peerChain: readonly Uint8Array[];
  /** Own certificates in DER, leaf first; empty for a client without credentials. */
  readonly ownChain: readonly Uint8Array[];
  /** Key for limits by client address (IPv4, or the /64 of IPv6), in memory only; never logged or shared. */
  readonly addressKey: string;
}

export type CloseReason =
  | 'peer' // the other end closed, at a block boundary or in the middle of a block
  | 'local' // we closed
  | 'handshake' // the handshake failed
  | 'timeout' // a bound on time was exceeded
  | 'slow' // the other end did not read
  | 'idle'
  | 'drain'
  | 'error';

export interface ConnectionHandlers {
  /** One whole block of 16384 bytes. The receiver owns the memory; it is used again only if the receiver gives it back (`giveReceived`). */
  block(block: Uint8Array): void;
  /** The write buffer has emptied after `write` answered false. */
  drained(): void;
  /** Called exactly once, after which nothing else is called. */
  closed(reason: CloseReason): void;
}

export interface BlockConnection extends ConnectionFacts {
  /** Begins to read; called once. Blocks that arrive earlier wait in the transport. */
  start(handlers: ConnectionHandlers): void;
  /** Stops and resumes reading: back-pressure on the other end. */
  pause(): void;
  resume(): void;
  /** Whether `write` also takes a run of blocks: several at once, one after another in memory. */
  readonly takesRuns?: boolean;
  /** Queues one block (16384 bytes, kept until sent). False: stop writing until `drained`. After the close: ignored, true. */
  write(block: Uint8Array): boolean;
  /** Bytes queued but not yet taken by the system. */
  readonly bufferedBytes: number;
  /** Sends what is queued, then closes; cuts off after a few seconds. */
  close(reason: CloseReason): void;
  /** Closes at once. */
  destroy(reason: CloseReason): void;
}
