/** What every server process of the benchmarks does: listen with fresh credentials, tell its address, obey its parent. */
import { fingerprintOf } from '@polyplex/crypto';
import type { BlockConnection } from '@polyplex/protocol-common';
import { type Credentials, DEFAULT_LIMITS, issueCa, issueServerCertificate, listenTls, readCredentials } from '@polyplex/transport-tls';

export interface Served {
  accept(connection: BlockConnection): void;
  stop(): Promise<void>;
}

const UNBOUNDED = 1_000_000;

/** Runs until the parent says `stop`. */
export async function serve(create: (credentials: Credentials) => Promise<Served>): Promise<void> {
  const ca = issueCa({ algorithm: 'ed25519' });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519' });
  const chain = leaf.certificate.split('BEGIN CERTIFICATE').length > 2 ? leaf.certificate : leaf.certificate + ca.certificate;
  const credentials = readCredentials({ certificatePem: chain, keyPem: leaf.key });
  const served = await create(credentials);
  const listener = await listenTls({
    endpoints: [{ kind: 'smp', host: '127.0.0.1', port: 0 }],
    credentials: { smp: credentials },
    limits: { ...DEFAULT_LIMITS, connectionsPerAddress: UNBOUNDED, newPerMinutePerAddress: UNBOUNDED, connections: UNBOUNDED, handshakes: UNBOUNDED },
    onConnection: (connection) => served.accept(connection),
  });
  process.on('message', (order) => {
    if (order === 'settle') settle();
    else void stop();
  });
  process.on('disconnect', () => process.exit(1));
  process.send!({ port: listener.endpoints[0]!.port, fingerprint: fingerprintOf(credentials.chain) });

  function settle(): void {
    globalThis.gc!();
    setTimeout(() => {
      globalThis.gc!();
      process.send!('settled');
    }, 500);
  }

  async function stop(): Promise<void> {
    const closed = listener.close({ graceMs: 0 });
    await served.stop();
    await closed;
    process.exit(0);
  }
}
