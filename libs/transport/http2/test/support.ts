/** Real listeners and clients for the tests of this library; everything opened here is closed after the test. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { fingerprintOf } from '@polyplex/crypto';
import type { CloseReason, HttpConnection, HttpRequest } from '@polyplex/protocol-common';
import { issueCa, issueServerCertificate, type PemCredentials, readCredentials } from '@polyplex/transport-tls';
import { afterEach } from 'vitest';
import { dialHttp2, type DialHttp2Options, type HttpClientConnection, type Http2Listener, listenHttp2, type ListenHttp2Options } from '../src/index.ts';

const cleanups: (() => unknown)[] = [];

/** Runs after the test, last one first. */
function cleanup(task: () => unknown): void {
  cleanups.push(task);
}

afterEach(async () => {
  for (const task of cleanups.splice(0).reverse()) await task();
});

export function newIdentity(algorithm: 'ed25519' | 'ed448' = 'ed25519') {
  const ca = issueCa({ algorithm });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm });
  const credentials = readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key });
  return { credentials, fingerprint: fingerprintOf(credentials.chain)! };
}

export const IDENTITY = newIdentity();

/** A certificate as browsers know them. */
export async function webCredentials(): Promise<PemCredentials> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-web-'));
  const [key, certificate] = [join(folder, 'web.key'), join(folder, 'web.crt')];
  const subject = ['-subj', '/CN=files.example.org', '-addext', 'subjectAltName=DNS:files.example.org,DNS:localhost'];
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject]);
  const pem = { key: await readFile(key, 'utf8'), certificate: await readFile(certificate, 'utf8') };
  await rm(folder, { recursive: true });
  return pem;
}

export interface TestListener {
  readonly listener: Http2Listener;
  readonly port: number;
  readonly accepted: HttpConnection[];
  /** Why connections closed, in the order they did. */
  readonly closed: CloseReason[];
}

type Serve = (request: HttpRequest, connection: HttpConnection) => Promise<void>;

export async function listen(serve: Serve, options: Partial<ListenHttp2Options> = {}): Promise<TestListener> {
  const accepted: HttpConnection[] = [];
  const closed: CloseReason[] = [];
  const listener = await listenHttp2({
    endpoints: [{ host: '127.0.0.1', port: 0 }],
    credentials: { xftp: IDENTITY.credentials },
    onConnection: (connection) => {
      accepted.push(connection);
      connection.start({ request: (request) => serve(request, connection), closed: (reason) => closed.push(reason) });
    },
    ...options,
  });
  cleanup(() => listener.close());
  return { listener, port: listener.endpoints[0]!.port, accepted, closed };
}

export async function dial(port: number, options: Partial<DialHttp2Options> = {}): Promise<HttpClientConnection> {
  const connection = await dialHttp2({ host: '127.0.0.1', port, fingerprint: IDENTITY.fingerprint, ...options });
  cleanup(() => connection.close());
  return connection;
}

/** TLS of Node's own, with every suite and group that it has. */
export async function tlsPeer(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, servername: '', ecdhCurve: 'X25519', ...options });
  cleanup(() => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('closed')));
    socket.once('secureConnect', resolve);
  });
  return socket;
}

/** An HTTP/2 client of Node's own. */
export async function http2Peer(port: number, options: ConnectionOptions = {}): Promise<{ session: ClientHttp2Session; socket: TLSSocket }> {
  const socket = await tlsPeer(port, options);
  const session = connectHttp2('https://localhost', { createConnection: () => socket });
  session.on('error', () => undefined);
  cleanup(() => session.destroy());
  return { session, socket };
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Answers with what the request's body was. */
export const echo: Serve = async (request) => request.respond({ status: 200 }, [await readAll(request.body)]);

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
