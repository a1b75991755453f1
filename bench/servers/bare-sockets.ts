/**
 * The least that Node can hold for a connection: a socket that writes back what it reads, with TLS (argument `tls`: the
 * relay's parameters) or without (`tcp`).
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { freshCredentials, obey } from './obey.ts';

const [kind] = process.argv.slice(2);
const open = new Set<Socket>();
const { credentials, certificatePem, keyPem } = freshCredentials();

function echo(socket: Socket): void {
  open.add(socket);
  socket.on('error', () => undefined).on('close', () => open.delete(socket)).on('data', (chunk: Buffer) => socket.write(chunk));
}

const server = kind === 'tls'
  ? createTlsServer({ cert: certificatePem, key: keyPem, ca: [], ciphers: 'TLS_CHACHA20_POLY1305_SHA256', ecdhCurve: 'X448:X25519', sigalgs: 'ed448:ed25519' }, echo)
  : createServer(echo);
server.listen(0, '127.0.0.1', 1024, () => {
  const { port } = server.address() as AddressInfo;
  obey({ port, chain: credentials.chain, stop: () => Promise.resolve(void server.close()) });
});
