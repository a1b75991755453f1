/** The measured side of `echo.ts`, in a process of its own: echoes blocks, and says what it has used when asked. */
import { memoryUsage } from 'node:process';
import { createServer as createBareServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { fingerprintOf } from '@polyplex/crypto';
import { issueCa, issueServerCertificate, listenTls, readCredentials } from '../src/index.ts';
import { STRICT_PARAMETERS } from '../src/tls-parameters.ts';

export interface Usage {
  /** Microseconds of CPU since the start, user and system. */
  readonly cpuUs: number;
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
}

export interface Ready {
  readonly port: number;
  /** The same without this library: a TLS socket whose chunks are written back. */
  readonly barePort: number;
  readonly fingerprint: string;
}

const ca = issueCa({ algorithm: 'ed25519' });
const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519' });
const credentials = readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key });

const listener = await listenTls({
  endpoints: [{ kind: 'smp', host: '127.0.0.1', port: 0 }],
  credentials: { smp: credentials },
  limits: { connectionsPerAddress: 1e6, newPerMinutePerAddress: 1e6, handshakes: 1e6 },
  onConnection: (connection) => {
    connection.start({
      block: (block) => {
        if (!connection.write(block)) connection.pause();
      },
      drained: () => connection.resume(),
      closed: () => {},
    });
  },
});

const { certificate: cert, key } = credentials.pem;
const bare = createBareServer({ ...STRICT_PARAMETERS, cert, key, noDelay: true }, (socket) => {
  socket.on('error', () => {}).on('data', (chunk: Buffer) => socket.write(chunk));
});
await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));

process.on('message', () => {
  (globalThis as { gc?: () => void }).gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = memoryUsage();
  process.send!({ cpuUs: user + system, rss, heap: heapUsed, external } satisfies Usage);
});
process.on('disconnect', () => process.exit());
process.send!({
  port: listener.endpoints[0]!.port,
  barePort: (bare.address() as AddressInfo).port,
  fingerprint: Buffer.from(fingerprintOf(credentials.chain)!).toString('hex'),
} satisfies Ready);
