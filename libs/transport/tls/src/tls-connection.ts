/**
 * Blocks over TLS (SMP §3.1): a block is exactly one TLS record, and one write one system call; one record
 * arrives as one chunk. End of stream in the middle of a block closes like any other (SMP §8.2).
 */
import type { TLSSocket } from 'node:tls';
import { type ConnectionFacts, giveBlock } from '@polyplex/protocol-common';
import { BlockAssembler } from './block-assembler.ts';
import { readInPlace } from './read-in-place.ts';
import { type ConnectionOptions, SocketConnection } from './socket-connection.ts';

export class TlsConnection extends SocketConnection {
  readonly takesRuns = true;
  readonly #assembler: BlockAssembler;

  constructor(socket: TLSSocket, facts: ConnectionFacts, options: ConnectionOptions = {}) {
    super(socket, facts, options);
    this.#assembler = new BlockAssembler(options.blockBytes);
    // A block is more than one segment: Nagle's algorithm would hold back its last one until the first is confirmed.
    socket.setNoDelay(true);
  }

  protected listen(): void {
    readInPlace(this.socket, (bytes) => this.#assembler.push(bytes, this.deliver));
  }

  protected send(block: Uint8Array): boolean {
    return this.socket.write(block, (error) => {
      if (!error) giveBlock(block);
    });
  }

  protected finish(): void {
    this.socket.end();
  }
}
