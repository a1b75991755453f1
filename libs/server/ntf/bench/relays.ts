/**
 * A proxy that starts with very many subscriptions at one relay: how long until all are subscribed, what it costs in CPU and
 * memory, how long other work waits meanwhile; and then what notifications cost on their way to the store. The client is the
 * real one, with real signatures and blocks; the relay is simulated in the same process and does not verify, and the store
 * makes records of their numbers. Run: `node --expose-gc libs/server/ntf/bench/relays.ts [subscriptions] [notifications]`
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { EMPTY_BYTES, systemClock } from '@polyplex/base';
import { agree, encodePrivateKey, encodeSignedKey, fingerprintOf, generateKeyPair, randomBytes } from '@polyplex/crypto';
import {
  type BlockCipher, type BlockConnection, clientHello, encryptedBlocks, formatAddress, handshakeBlock, openHandshakeBlock, readBatch, readTransmission, serverHello, splitBatches,
} from '@polyplex/protocol-common';
import { replyTransmission } from '@polyplex/protocol-smp';
import { silentLogger } from '@polyplex/telemetry';
import { connectionPair } from '@polyplex/testing';
import { issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { createRelaySide, DEFAULT_RELAY_OPTIONS, NtfStats, relayConnector } from '../src/index.ts';
import { syntheticId, syntheticStore } from '../test/relays/support/synthetic-store.ts';

const [COUNT = 1_000_000, NOTIFICATIONS = 100_000] = process.argv.slice(2).map(Number);
const VERSIONS = { min: 6, max: 18 };
const MILLION = 1_000_000;

const ca = issueCa({ algorithm: 'ed25519' });
const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519' });
const credentials = readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key });

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Answers SOK to everything, and counts the CPU that this takes as its own. */
class SimulatedRelay {
  spentMs = 0;
  private readonly connection: BlockConnection;
  private readonly keys = generateKeyPair('x25519');
  private cipher: BlockCipher | null = null;
  private writable = true;
  private drained: () => void = () => undefined;

  constructor(connection: BlockConnection) {
    this.connection = connection;
    connection.start({
      block: (block) => this.block(block),
      drained: () => {
        this.writable = true;
        this.drained();
      },
      closed: () => undefined,
    });
    const key = { chain: credentials.chain, signedKey: encodeSignedKey(this.keys.publicKey, credentials.privateKey) };
    connection.write(handshakeBlock(serverHello, { versions: VERSIONS, sessionId: connection.sessionId, key }));
  }

  private block(block: Uint8Array): void {
    const start = cpuMs();
    const { sessionId } = this.connection;
    if (this.cipher === null) {
      const hello = openHandshakeBlock(clientHello, block)!;
      this.cipher = encryptedBlocks('server', sessionId, agree(this.keys.privateKey, hello.key!)!);
    } else {
      const items = readBatch(this.cipher.open(block)!)!.map((item) => readTransmission(item, VERSIONS.max)!);
      const replies = items.map(({ corrId, entityId }) => replyTransmission({ tag: 'SOK', serviceId: null }, { sessionId, corrId, entityId }, VERSIONS.max));
      for (const batch of splitBatches(replies)) this.connection.write(this.cipher.seal(batch));
    }
    this.spentMs += cpuMs() - start;
  }

  async notify(count: number): Promise<void> {
    const { sessionId } = this.connection;
    for (let at = 0; at < count; at += 60) {
      const start = cpuMs();
      const items = Array.from({ length: Math.min(60, count - at) }, (_, i) =>
        replyTransmission({ tag: 'NMSG', nonce: randomBytes(24), encMeta: new Uint8Array(144) }, { sessionId, corrId: EMPTY_BYTES, entityId: syntheticId(at + i) }, VERSIONS.max));
      for (const batch of splitBatches(items)) this.writable = this.connection.write(this.cipher!.seal(batch));
      this.spentMs += cpuMs() - start;
      if (!this.writable) await new Promise<void>((resolve) => (this.drained = resolve));
    }
  }
}

const keyHash = fingerprintOf(credentials.chain)!;
const relay = formatAddress({ hosts: ['relay.example'], port: '', keyHash }, 'smp');
const notifierKey = encodePrivateKey(generateKeyPair('ed25519').privateKey);
const synthetic = syntheticStore([{ relay, count: COUNT, notifierKey }]);
let simulated: SimulatedRelay | null = null;
const dial = (): Promise<BlockConnection> => {
  const pair = connectionPair({ serverChain: credentials.chain, sessionId: randomBytes(32) });
  simulated = new SimulatedRelay(pair.server);
  return Promise.resolve(pair.client);
};
const stats = new NtfStats(systemClock);
const deps = { store: synthetic.store, connect: relayConnector({ dial, clock: systemClock }), clock: systemClock, log: silentLogger, stats, pushing: { hasRoom: () => true, offer: () => undefined } };

function heapMb(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MILLION;
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function measured(name: string, count: number, work: () => Promise<void>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const [before, spent] = [cpuMs(), simulated?.spentMs ?? 0];
  delay.enable();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  const own = cpuMs() - before - ((simulated?.spentMs ?? 0) - spent);
  console.log(`${name}: ${count} in ${seconds.toFixed(1)} s, ${((own * 1000) / count).toFixed(1)} us of CPU each without the relay's; ` +
    `event loop late by p50 ${(delay.percentile(50) / MILLION).toFixed(1)}, p99 ${(delay.percentile(99) / MILLION).toFixed(1)}, most ${(delay.max / MILLION).toFixed(1)} ms`);
}

for (const [name, limits] of [['as set by default', {}], ['without limits', { subscribesPerSecond: 1e9, subscribesPerSecondAndRelay: 1e9 }]] as const) {
  const before = heapMb();
  const side = createRelaySide(deps, { ...DEFAULT_RELAY_OPTIONS, spreadMs: 0, probeIntervalMs: 0, notificationsPerSecondAndRelay: 1e9, ...limits });
  synthetic.reset();
  await measured(`subscribing, ${name}`, COUNT, async () => {
    side.start();
    await until(() => side.gauges().relays[0]?.state === 'subscribed');
  });
  const { active } = side.gauges().relays[0]!;
  const after = heapMb();
  console.log(`  active ${active}; heap ${before.toFixed(1)} -> ${after.toFixed(1)} MB: ${(((after - before) * MILLION) / COUNT).toFixed(1)} bytes for a subscription`);
  await measured('  notifications', NOTIFICATIONS, async () => {
    const from = synthetic.received;
    await simulated!.notify(NOTIFICATIONS);
    await until(() => synthetic.received - from === NOTIFICATIONS);
  });
  await side.stop();
}
