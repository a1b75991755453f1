/**
 * Blocks over TLS (SMP §3.1): one write is one block, which is exactly one TLS record and one system call; one record
 * arrives as one chunk. End of stream in the middle of a block closes like any other (SMP §8.2).
 */
import type { TLSSocket } from 'node:tls';
import { type ConnectionFacts, giveBlock } from '@polyplex/protocol-common';
import { BlockAssembler } from './block-assembler.ts';
import { type ConnectionOptions, SocketConnection } from './socket-connection.ts';

export class TlsConnection extends SocketConnection {
  readonly #assembler = new BlockAssembler();

  constructor(socket: TLSSocket, facts: ConnectionFacts, options: ConnectionOptions = {}) {
    super(socket, facts, options);
    // A block is more than one segment: Nagle's algorithm would hold back its last one until the first is confirmed.
    socket.setNoDelay(true);
  }

  protected listen(): void {
    this.socket.on('data', (chunk: Uint8Array) => this.#assembler.push(chunk, this.deliver));
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
