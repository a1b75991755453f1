/** Reads a ClientHello off a socket, before it is known who does its handshake. */
import type { Socket } from 'node:net';
import { concatBytes } from '@polyplex/base';
import { type ClientHelloState, readClientHello } from './client-hello.ts';

/** Calls back once, with all that was read; never after an end. */
export function peekClientHello(socket: Socket, then: (read: Uint8Array, hello: ClientHelloState) => void): void {
  let read: Uint8Array = new Uint8Array(0);
  const onReadable = (): void => {
    for (let chunk = socket.read() as Uint8Array | null; chunk !== null; chunk = socket.read() as Uint8Array | null) {
      read = read.length === 0 ? chunk : concatBytes(read, chunk);
      const hello = readClientHello(read);
      if (hello === 'more') continue;
      socket.off('readable', onReadable);
      then(read, hello);
      return;
    }
  };
  socket.on('readable', onReadable);
}

/** TLS 1.3 with the one cipher suite that our records are made for; not a browser, which is known by the name it sends. */
export function suitsRecords(hello: ClientHelloState, hasWeb: boolean): boolean {
  return typeof hello === 'object' && hello.tls13 && hello.chacha && !hello.unusual && !(hasWeb && hello.named);
}
