/** What every server process of the benchmarks has in common: fresh credentials, and a parent that it obeys. */
import { PerformanceObserver } from 'node:perf_hooks';
import { fingerprintOf } from '@polyplex/crypto';
import { type Credentials, issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { profileCpu } from './profile-cpu.ts';
import type { Held } from '../lib/server-process.ts';

export interface FreshCredentials {
  readonly credentials: Credentials;
  readonly certificatePem: string;
  readonly keyPem: string;
}

export function freshCredentials(): FreshCredentials {
  const ca = issueCa({ algorithm: 'ed25519' });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519' });
  const certificatePem = leaf.certificate.split('BEGIN CERTIFICATE').length > 2 ? leaf.certificate : leaf.certificate + ca.certificate;
  return { credentials: readCredentials({ certificatePem, keyPem: leaf.key }), certificatePem, keyPem: leaf.key };
}

export interface Listening {
  readonly port: number;
  readonly chain: readonly Uint8Array[];
  stop(): Promise<void>;
  /** What the parent asks with an object. */
  answer?(question: object): unknown;
}

/** Tells the parent where the server listens, and runs until it says `stop` or goes away. */
export function obey({ port, chain, stop, answer }: Listening): void {
  const pauses = watchCollector();
  const profile = onDemand(profileCpu);
  process.on('message', (order) => {
    if (order === 'settle') settle();
    else if (order === 'held') process.send!(held());
    else if (order === 'pauses') process.send!(pauses.splice(0));
    else if (typeof order === 'object' && order !== null) void Promise.resolve(answer?.(order)).then((told) => process.send!(told));
    else if (order === 'profile') void profile().then((gathered) => process.send!(gathered ?? 'begun'));
    else void stop().then(() => process.exit(0));
  });
  process.on('disconnect', () => process.exit(1));
  process.send!({ port, fingerprint: fingerprintOf(chain) });
}

/** Milliseconds of each run of the garbage collector that held up the main thread; what it does beside it is not among them. */
function watchCollector(): number[] {
  const pauses: number[] = [];
  new PerformanceObserver((list) => pauses.push(...list.getEntries().map(({ duration }) => duration))).observe({ entryTypes: ['gc'] });
  return pauses;
}

/** See `Held` of the process that asks. */
function held(): Held {
  // Twice: what the first finds dead may have held memory outside, which the second counts.
  globalThis.gc!();
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external, handles: process.getActiveResourcesInfo().length };
}

/** The first call begins, and answers null; the second ends, and answers what was gathered. */
function onDemand<T>(begin: () => Promise<() => Promise<T>>): () => Promise<T | null> {
  let end: (() => Promise<T>) | null = null;
  return async () => {
    if (end === null) {
      end = await begin();
      return null;
    }
    const gathered = await end();
    end = null;
    return gathered;
  };
}

function settle(): void {
  globalThis.gc!();
  setTimeout(() => {
    globalThis.gc!();
    process.send!('settled');
  }, 500);
}
