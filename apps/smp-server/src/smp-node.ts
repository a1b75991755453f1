/**
 * One node of the SMP relay, put together: identity → store → server → ports → pages → admin port. Composition only;
 * `stop-node.ts` has the order in which it ends.
 */
import { systemClock } from '@polyplex/base';
import { createAdminApp } from '@polyplex/nest';
import { createSmpServer } from '@polyplex/server-smp';
import type { Logger } from '@polyplex/telemetry';
import type { BoundEndpoint } from '@polyplex/transport-tls';
import { serverOptions } from './config/server-options.ts';
import type { SmpConfig } from './config/smp-config.ts';
import { dialRelays } from './dial-relays.ts';
import { listenError } from './endpoints.ts';
import { Keyring } from './keyring.ts';
import { openPorts } from './listen.ts';
import { nodeMetrics } from './metrics.ts';
import { readNodeFiles } from './node-files.ts';
import { nodeHealth, statusRows } from './node-status.ts';
import { openStore, storeFolder } from './open-store.ts';
import { pageServer } from './page/serve-pages.ts';
import { queueAdmin } from './queue-admin.ts';
import { relayAddress } from './relay-address.ts';
import { type NodeParts, stopNode } from './stop-node.ts';
import { startWarnings } from './warnings.ts';

export interface SmpNodeDeps {
  readonly log: Logger;
  readonly version: string;
}

export interface SmpNode {
  /** Without password. */
  readonly address: string;
  /** With the ports really bound. */
  readonly endpoints: readonly BoundEndpoint[];
  readonly adminUrl: string;
  readonly storeFolder: string;
  /** What an operator may have meant otherwise. */
  readonly warnings: readonly string[];
  /** Reads certificates and keys again, for new connections. Rejects with `NodeError`, and then nothing has changed. */
  reload(): Promise<void>;
  /** Refuses new connections, answers what is in flight, closes everything. Never rejects. */
  stop(): Promise<void>;
}

/** Starts a node; rejects with `NodeError` or `ConfigError`, and then nothing is left running. */
export async function createSmpNode(config: SmpConfig, deps: SmpNodeDeps): Promise<SmpNode> {
  const node = new Node(config, deps);
  try {
    await node.start();
    return node;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

class Node implements SmpNode {
  address = '';
  endpoints: readonly BoundEndpoint[] = [];
  adminUrl = '';
  readonly storeFolder: string;
  readonly warnings: readonly string[];
  #parts: NodeParts = {};
  #draining = false;
  readonly #keyring = new Keyring();
  readonly #config: SmpConfig;
  readonly #deps: SmpNodeDeps;

  constructor(config: SmpConfig, deps: SmpNodeDeps) {
    this.#config = config;
    this.#deps = deps;
    this.storeFolder = storeFolder(config.storage);
    this.warnings = startWarnings(config);
  }

  async start(): Promise<void> {
    const config = this.#config;
    const { log, version } = this.#deps;
    const { fingerprint, credentials, password, adminToken, socksPassword } = readNodeFiles(config);
    this.#keyring.add(credentials.smp);

    const store = await openStore(this.storeFolder, log);
    this.#parts = { store };
    const dialRelay = dialRelays(config.proxy, socksPassword);
    const server = createSmpServer(
      { store, clock: systemClock, log, credentials: (connection) => this.#keyring.of(connection), dialRelay },
      serverOptions(config, password),
    );
    this.#parts = { store, server };
    const { listener, setPages } = await openPorts(config, server, credentials);
    this.#parts = { store, server, listener };
    this.endpoints = listener.endpoints;
    this.address = relayAddress(config, { fingerprint, boundPort: this.endpoints[0]?.port });
    if (credentials.web !== undefined) setPages(await pageServer({ config, address: this.address, version }));
    const { address } = this;
    const sources = { server, store, listener, version, address, startedAt: Date.now(), isDraining: () => this.#draining };
    const admin = await createAdminApp({
      host: config.admin.host,
      port: config.admin.port,
      token: adminToken,
      title: 'Polyplex SMP relay',
      health: nodeHealth(sources),
      metrics: nodeMetrics(sources),
      status: () => statusRows(sources),
      queues: queueAdmin(store),
      logger: log,
    }).catch((error: unknown) => {
      throw listenError('admin.host, admin.port', error);
    });
    this.#parts = { store, server, listener, admin };
    this.adminUrl = admin.url;
  }

  async reload(): Promise<void> {
    const { credentials } = readNodeFiles(this.#config);
    this.#keyring.add(credentials.smp);
    this.#parts.listener?.setCredentials(credentials);
  }

  async stop(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    await stopNode(this.#parts, { log: this.#deps.log, drainMs: this.#config.shutdown.drainTimeout });
  }
}
