/**
 * Two ends of one connection in memory, with the promises of `BlockConnection`: blocks arrive whole and in order, in
 * memory of the receiver's own, never inside the call that wrote them; nothing arrives before `start` or while
 * paused; `closed` is called once and last. A test may look at, change, drop, delay and withhold blocks.
 */
import { type Clock, systemClock } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import type { BlockConnection, ConnectionFacts } from '@polyplex/protocol-common';
import { PairEnd } from './pair-end.ts';

export type PairSide = 'client' | 'server';

export interface ConnectionPairOptions {
  /** The same at both ends; default 32 random bytes. */
  readonly sessionId?: Uint8Array;
  /** Default `smp/1`. */
  readonly alpn?: string | null;
  /** Certificates in DER, leaf first: what the client sees as the peer's, and the server as its own. Default none. */
  readonly serverChain?: readonly Uint8Array[];
  readonly clientChain?: readonly Uint8Array[];
  /** What one end sees otherwise than the rest says, to play a man in the middle. */
  readonly client?: Partial<ConnectionFacts>;
  readonly server?: Partial<ConnectionFacts>;
  /** Runs `latencyMs` and the cut-off of `close`. */
  readonly clock?: Clock;
  /** Time a block travels; default 0: the next turn of the event loop. */
  readonly latencyMs?: number;
  /** `write` answers false when at least this much waits; default 64 KiB. */
  readonly highWaterBytes?: number;
  /** Default 16384. */
  readonly blockBytes?: number;
  /** Sees each block on its way: what it returns arrives in its place, null drops it. */
  readonly intercept?: (block: Uint8Array, from: PairSide) => Uint8Array | null;
}

export interface ConnectionPair {
  readonly client: PairedConnection;
  readonly server: PairedConnection;
}

export interface PairedConnection extends BlockConnection {
  /** Blocks handed to `write` so far. */
  readonly blocksWritten: number;
  readonly isPaused: boolean;
  /** Withholds what this end writes, as a network that does not move; `release` lets it go on. */
  hold(): void;
  release(): void;
}

const HIGH_WATER_BYTES = 64 * 1024;

export function connectionPair(options: ConnectionPairOptions = {}): ConnectionPair {
  const { sessionId = randomBytes(32), alpn = 'smp/1', serverChain = [], clientChain = [] } = options;
  const { clock = systemClock, latencyMs = 0, highWaterBytes = HIGH_WATER_BYTES, blockBytes = 16_384, intercept } = options;
  const end = (side: PairSide, facts: ConnectionFacts): PairEnd =>
    new PairEnd(facts, {
      clock,
      latencyMs,
      highWaterBytes,
      blockBytes,
      intercept: intercept === undefined ? (block) => block : (block) => intercept(block, side),
    });
  const common = { sessionId, alpn, addressKey: 'memory' };
  const client = end('client', { ...common, peerChain: serverChain, ownChain: clientChain, ...options.client });
  const server = end('server', { ...common, peerChain: clientChain, ownChain: serverChain, ...options.server });
  client.join(server);
  server.join(client);
  return { client, server };
}
