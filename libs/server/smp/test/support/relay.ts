/**
 * A whole relay for tests. Most specs run twice: against one machine with the embedded store, and against a network of
 * nodes on Redis behind a balancer, when the vitest project provides its servers (see vitest.config.ts).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf } from '@polyplex/crypto';
import type { ServerAddress } from '@polyplex/protocol-common';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import type { QueueStore } from '@polyplex/store-contract';
import { type Credentials, issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { inject } from 'vitest';
import { type Network, type NetworkParts, startNetwork } from './network.ts';
import { type NodeOptions, startNode, type TestNode } from './node.ts';

export interface TestRelay {
  readonly address: ServerAddress;
  /** Of the one node, or of the balancer. */
  readonly port: number;
  readonly fingerprint: Uint8Array;
  readonly nodes: readonly TestNode[];
  /** The node's own; of a network, that of an operator beside the nodes. */
  readonly store: QueueStore;
  /** Ends all sessions, as a shutdown does. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

function testCredentials(algorithm: 'ed25519' | 'ed448' = 'ed25519'): Credentials {
  const ca = issueCa({ algorithm });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm });
  const chained = leaf.certificate.split('BEGIN CERTIFICATE').length > 2 ? leaf.certificate : leaf.certificate + ca.certificate;
  return readCredentials({ certificatePem: chained, keyPem: leaf.key });
}

export async function startRelay(options: NodeOptions = {}): Promise<TestRelay> {
  const credentials = testCredentials();
  const servers = redisServers();
  return addressed(credentials, servers === undefined ? await startMachine(credentials, options) : await startNetwork({ credentials, servers, options }));
}

export interface TestNetwork extends TestRelay, Network {
  /** Where clients connect to a node of their choice. */
  at(index: number): Pick<TestRelay, 'address' | 'port' | 'fingerprint'>;
}

/** For specs about what only networks do. */
export async function startTestNetwork(parts: Pick<NetworkParts, 'options' | 'aroundNode'> = {}): Promise<TestNetwork> {
  const credentials = testCredentials();
  const network = await startNetwork({ ...parts, credentials, servers: redisServers()! });
  const { fingerprint, ...rest } = addressed(credentials, network);
  const at = (index: number) => ({ fingerprint, port: network.nodes[index]!.port, address: addressOf(fingerprint, network.nodes[index]!.port) });
  return { ...rest, fingerprint, at };
}

function redisServers(): readonly number[] | undefined {
  return inject('redisServers');
}

function addressOf(keyHash: Uint8Array, port: number): ServerAddress {
  return { hosts: ['127.0.0.1'], port: String(port), keyHash };
}

function addressed<T extends Started>({ chain }: Credentials, started: T): T & TestRelay {
  const fingerprint = fingerprintOf(chain)!;
  return {
    ...started,
    fingerprint,
    address: addressOf(fingerprint, started.port),
    drain: async () => void (await Promise.all(started.nodes.map(({ server }) => server.drain()))),
  };
}

type Started = Pick<TestRelay, 'port' | 'nodes' | 'store' | 'stop'>;

async function startMachine(credentials: Credentials, options: NodeOptions): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-relay-'));
  const store = await openEmbeddedStore({ path: folder });
  const node = await startNode({ credentials, store }, options);
  return {
    port: node.port,
    nodes: [node],
    store,
    async stop() {
      await node.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A figure over all nodes. */
export function total({ nodes }: TestRelay, figure: (node: TestNode) => number): number {
  return nodes.reduce((sum, node) => sum + figure(node), 0);
}
