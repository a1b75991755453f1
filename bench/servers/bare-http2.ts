/** The least that a server of chunks can do over HTTP/2 and TLS, as Node has it: bytes in and dropped, or bytes out. */
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { freshCredentials, obey } from './obey.ts';

const PIECE = new Uint8Array(65_536);

const { credentials, certificatePem, keyPem } = freshCredentials();
const server = createSecureServer({ cert: certificatePem, key: keyPem, settings: { initialWindowSize: 512 * 1024 } });
server.on('session', (session) => session.setLocalWindowSize(4 * 1024 * 1024));
server.on('stream', (stream, headers) => {
  stream.on('error', () => undefined);
  const wanted = Number(headers['x-bytes'] ?? 0);
  stream.respond({ ':status': 200 });
  stream.on('data', () => undefined);
  stream.on('end', () => void send(wanted));

  async function send(left: number): Promise<void> {
    for (; left > 0; left -= PIECE.length) if (!stream.write(PIECE)) await new Promise((resolve) => stream.once('drain', resolve));
    stream.end();
  }
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  obey({ port, chain: credentials.chain, stop: () => Promise.resolve(void server.close()) });
});
