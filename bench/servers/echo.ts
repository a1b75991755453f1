/**
 * The least that a server of 16 KiB blocks can do with Node: its TLS with the relay's cipher and curve, and a block that comes is
 * written back. What the relay's work is compared with; nothing of ours is in it, so that the unit stays what it is.
 */
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { freshCredentials, obey } from './obey.ts';

const { credentials, certificatePem, keyPem } = freshCredentials();
const server = createServer(
  {
    cert: certificatePem, key: keyPem, minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256', ecdhCurve: 'X448:X25519',
    sigalgs: 'ed448:ed25519', ALPNProtocols: ['smp/1'],
  },
  (socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (block: Uint8Array) => void socket.write(block));
  },
);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  obey({ port, chain: credentials.chain, stop: () => Promise.resolve(void server.close()) });
});
