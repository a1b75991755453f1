/** A whole file server for tests: HTTP/2 and TLS on the loopback, and real stores. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Clock, systemClock } from '@polyplex/base';
import { fingerprintOf } from '@polyplex/crypto';
import type { ChunkStore, FileStore } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { type Http2Listener, type HttpLimits, listenHttp2 } from '@polyplex/transport-http2';
import { type Credentials, issueCa, issueServerCertificate, type PemCredentials, readCredentials } from '@polyplex/transport-tls';
import { createXftpServer, DEFAULT_OPTIONS, type Pages, type XftpServer, type XftpServerOptions } from '../../src/index.ts';
import { openStores, type TestStores } from './stores.ts';

export interface FileServerOptions {
  readonly options?: Partial<XftpServerOptions>;
  readonly http?: Partial<HttpLimits>;
  readonly algorithm?: 'ed25519' | 'ed448';
  /** Default none: a server without web credentials. */
  readonly web?: PemCredentials;
  readonly pages?: Pages;
  readonly clock?: Clock;
  /** What stands between the server and its stores. */
  readonly aroundFiles?: (files: FileStore) => FileStore;
  readonly aroundChunks?: (chunks: ChunkStore) => ChunkStore;
  /** Default: errors are printed, so that what should not happen is seen. */
  readonly log?: Logger;
}

export interface TestFileServer extends TestStores {
  readonly port: number;
  readonly fingerprint: Uint8Array;
  readonly credentials: Credentials;
  readonly server: XftpServer;
  readonly listener: Http2Listener;
  stop(): Promise<void>;
}

const printErrors: Logger = { ...silentLogger, error: (message, fields) => console.error(message, fields) };

function issue(algorithm: 'ed25519' | 'ed448'): Credentials {
  const ca = issueCa({ algorithm });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm });
  return readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key });
}

let web: Promise<PemCredentials> | null = null;

/** An RSA certificate, made once. */
export function webCredentials(): Promise<PemCredentials> {
  web ??= makeWebCredentials();
  return web;
}

async function makeWebCredentials(): Promise<PemCredentials> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-web-'));
  const [key, certificate] = [join(folder, 'web.key'), join(folder, 'web.crt')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject]);
  const pem = { key: await readFile(key, 'utf8'), certificate: await readFile(certificate, 'utf8') };
  await rm(folder, { recursive: true });
  return pem;
}

const unchanged = <T>(store: T): T => store;

export async function startFileServer(given: FileServerOptions = {}): Promise<TestFileServer> {
  const { clock = systemClock, log = printErrors, aroundFiles = unchanged, aroundChunks = unchanged, pages } = given;
  const credentials = issue(given.algorithm ?? 'ed25519');
  const stores = await openStores(clock);
  const server = createXftpServer(
    {
      files: aroundFiles(stores.files),
      chunks: aroundChunks(stores.chunks),
      clock,
      log,
      credentials: () => credentials,
      ...(pages === undefined ? {} : { pages }),
    },
    { ...DEFAULT_OPTIONS, drainMs: 0, drainTransfersMs: 1000, ...given.options },
  );
  const listener = await listenHttp2({
    endpoints: [{ host: '127.0.0.1', port: 0 }],
    credentials: { xftp: credentials, ...(given.web === undefined ? {} : { web: given.web }) },
    onConnection: (connection) => server.accept(connection),
    ...(given.http === undefined ? {} : { http: given.http }),
  });
  return {
    ...stores,
    port: listener.endpoints[0]!.port,
    fingerprint: fingerprintOf(credentials.chain)!,
    credentials,
    server,
    listener,
    async stop() {
      const closed = listener.close();
      await server.drain();
      await closed;
      await stores.close();
    },
  };
}
