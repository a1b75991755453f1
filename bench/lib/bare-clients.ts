/** Clients of a bare server, which writes back what it gets: over TLS, or over TCP alone. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const BLOCK = new Uint8Array(16_384);

export type BareKind = 'tcp' | 'tls';

export async function connectBare(kind: BareKind, port: number): Promise<Socket> {
  const socket = kind === 'tls' ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ecdhCurve: 'X448:X25519' }) : connectTcp({ port, host: '127.0.0.1' });
  await new Promise((resolve, reject) => socket.once(kind === 'tls' ? 'secureConnect' : 'connect', resolve).once('error', reject));
  return socket;
}

/** One block to the server and back. */
export async function echoBlock(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    let missing = BLOCK.length;
    const take = (chunk: Buffer): void => {
      missing -= chunk.length;
      if (missing > 0) return;
      socket.off('data', take);
      resolve();
    };
    socket.on('data', take).write(BLOCK);
  });
}
