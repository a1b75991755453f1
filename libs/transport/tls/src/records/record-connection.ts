/**
 * Blocks over records of our own (SMP §3.1): a plain socket under a TLS 1.3 connection whose handshake OpenSSL has done. One
 * block is one record and one system call, as in `TlsConnection`; what it spares is the memory of OpenSSL's state.
 */
import type { Socket } from 'node:net';
import { type ConnectionFacts, giveBlock } from '@polyplex/protocol-common';
import { BlockAssembler } from '../block-assembler.ts';
import { readInPlace } from '../read-in-place.ts';
import { type ConnectionOptions, SocketConnection } from '../socket-connection.ts';
import { giveRecord, type RecordHandlers, RecordLayer, type TrafficSecrets } from './record-layer.ts';

/** A socket after its handshake. */
export interface RecordsSocket {
  readonly socket: Socket;
  readonly secrets: TrafficSecrets;
  /** What came after the handshake's last record. */
  readonly early: readonly Uint8Array[];
}

export class RecordConnection extends SocketConnection implements RecordHandlers {
  readonly #assembler: BlockAssembler;
  readonly #layer: RecordLayer;
  #early: readonly Uint8Array[];

  constructor({ socket, secrets, early }: RecordsSocket, facts: ConnectionFacts, options: ConnectionOptions = {}) {
    super(socket, facts, options);
    this.#assembler = new BlockAssembler(options.blockBytes);
    this.#layer = new RecordLayer(secrets);
    this.#early = early;
  }

  data(content: Uint8Array): void {
    this.#assembler.push(content, this.deliver);
  }

  ended(): void {
    this.destroy('peer');
  }

  protected listen(): void {
    const early = this.#early;
    this.#early = [];
    // Whoever did the handshake has paused it. Nothing is read before this turn is over, so what is early comes first.
    readInPlace(this.socket, (chunk) => this.#receive(chunk));
    this.socket.resume();
    for (const chunk of early) this.#receive(chunk);
  }

  protected send(block: Uint8Array): boolean {
    const records = this.#layer.seal(block);
    giveBlock(block);
    let writable = true;
    for (const record of records) {
      writable = this.socket.write(record, (error) => {
        if (!error) giveRecord(record);
      });
    }
    return writable;
  }

  protected finish(): void {
    this.socket.end(this.#layer.close());
  }

  #receive(chunk: Uint8Array): void {
    if (!this.#layer.receive(chunk, this)) this.destroy('error');
  }
}
