/** A whole file server with its page, on a free port of the loopback: real listener, real stores, scripts as the build makes them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@polyplex/base';
import { fingerprintOf } from '@polyplex/crypto';
import { formatAddress } from '@polyplex/protocol-common';
import { createXftpServer, DEFAULT_OPTIONS, type XftpServer, type XftpServerOptions } from '@polyplex/server-xftp';
import type { FileStore } from '@polyplex/store-contract';
import { openDiskChunkStore, openEmbeddedFileStore } from '@polyplex/store-embedded';
import { silentLogger } from '@polyplex/telemetry';
import { listenHttp2 } from '@polyplex/transport-http2';
import { issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { afterEach } from 'vitest';
import { type PageAssets, readPageAssets } from '../../src/page/page-assets.ts';
import type { PageFacts } from '../../src/page/page-facts.ts';
import { createPages } from '../../src/page/serve-pages.ts';
import { type HeldChunks, heldChunks } from './held-chunks.ts';

const cleanups: (() => unknown)[] = [];

/** Runs after the test, last one first. */
export function cleanup(task: () => unknown): void {
  cleanups.push(task);
}

afterEach(async () => {
  for (const task of cleanups.splice(0).reverse()) await task();
});

/** The scripts of the page as the last build made them. */
export function pageAssets(): PageAssets {
  const assets = readPageAssets();
  if (assets === null) throw new Error('the tests of the page need its scripts: npm run build makes them');
  return assets;
}

export const NO_INFORMATION: PageFacts['information'] = {
  sourceCode: null, usageConditions: null, conditionAmendments: null, serverCountry: null, operator: null, operatorCountry: null, website: null,
  adminSimplex: null, adminEmail: null, adminPgp: null, adminPgpFingerprint: null, complaintsSimplex: null, complaintsEmail: null,
  complaintsPgp: null, complaintsPgpFingerprint: null, hosting: null, hostingCountry: null, hostingType: null,
};

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polyplex-page-'));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A certificate of nobody's, as browsers get it. */
function webCertificate(): { readonly key: string; readonly certificate: string } {
  const folder = temporaryFolder();
  const [key, certificate] = [join(folder, 'web.key'), join(folder, 'web.crt')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject], { stdio: 'ignore' });
  return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
}

export interface FileServerSettings {
  readonly options?: Partial<XftpServerOptions>;
  readonly accepting?: PageFacts['accepting'];
  readonly algorithm?: 'ed25519' | 'ed448';
}

export interface TestFileServer {
  readonly port: number;
  readonly origin: string;
  /** Without password. */
  readonly address: string;
  readonly control: XftpServer['control'];
  readonly server: XftpServer;
  readonly chunks: Pick<HeldChunks, 'hold'>;
  usage(): ReturnType<FileStore['usage']>;
  /** Connections since the last start. */
  accepted(): number;
  stop(): Promise<void>;
  /** Stops, and starts again on the same port with the same files. */
  restart(options?: Partial<XftpServerOptions>): Promise<void>;
}

/** Stopped after the test. */
export async function startFileServer({ options = {}, accepting = 'anybody', algorithm = 'ed448' }: FileServerSettings = {}): Promise<TestFileServer> {
  const folder = temporaryFolder();
  const ca = issueCa({ algorithm });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm });
  const xftp = readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key });
  const web = webCertificate();
  const keyHash = fingerprintOf(xftp.chain)!;
  const built = pageAssets();

  const open = async (port: number, chosen: Partial<XftpServerOptions>) => {
    const files = await openEmbeddedFileStore({ path: join(folder, 'records') });
    const chunks = heldChunks(await openDiskChunkStore({ path: join(folder, 'bodies') }));
    let pages: Awaited<ReturnType<typeof createPages>> | null = null;
    const server = createXftpServer(
      { files, chunks, clock: systemClock, log: silentLogger, credentials: () => xftp, pages: async (request) => pages?.(request) ?? null },
      { ...DEFAULT_OPTIONS, drainMs: 0, drainTransfersMs: 0, ...chosen },
    );
    let accepted = 0;
    const listener = await listenHttp2({
      endpoints: [{ host: '127.0.0.1', port }],
      credentials: { xftp, web },
      onConnection: (connection) => {
        accepted++;
        server.accept(connection);
      },
    });
    const bound = listener.endpoints[0]!.port;
    const address = formatAddress({ hosts: ['localhost'], port: String(bound), keyHash }, 'xftp');
    pages = await createPages({ address, version: '1.2.3', keptMs: DEFAULT_OPTIONS.fileTtlMs, accepting, information: NO_INFORMATION }, built);
    const stop = async (): Promise<void> => {
      await Promise.all([listener.close(), server.drain()]);
      await files.close();
      await chunks.close();
    };
    return { server, files, chunks, accepted: () => accepted, address, port: bound, stop };
  };

  let running: Awaited<ReturnType<typeof open>> | null = await open(0, options);
  const { port, address } = running;
  const stop = async (): Promise<void> => {
    await running?.stop();
    running = null;
  };
  cleanup(stop);
  return {
    port,
    address,
    origin: `https://localhost:${String(port)}`,
    get server() {
      return running!.server;
    },
    get control() {
      return running!.server.control;
    },
    get chunks() {
      return running!.chunks;
    },
    usage: () => running!.files.usage(),
    accepted: () => running!.accepted(),
    stop,
    restart: async (changed = {}) => {
      await stop();
      running = await open(port, { ...options, ...changed });
    },
  };
}
