/**
 * One node of the SMP relay, put together: identity → store → server → ports → pages → admin port. Composition only;
 * `stopNode` has the order in which it ends.
 */
import { systemClock } from '@polyplex/base';
import { readConsoleFiles } from '@polyplex/console';
import type { AdminApp } from '@polyplex/nest';
import {
  type Backups, Certificates, Keyring, type NodeDeps, type NodeOverview, openAdminPort, openOverview, openStatistics, type OperatedNode, Readiness, startNode, type Statistics, stopNode,
} from '@polyplex/node';
import { createSmpServer, type SmpServer } from '@polyplex/server-smp';
import type { QueueStore } from '@polyplex/store-contract';
import type { BoundEndpoint, ListenerCredentials, TlsListener } from '@polyplex/transport-tls';
import { relayBackups } from './backup.ts';
import { serverOptions } from './config/server-options.ts';
import type { SmpConfig } from './config/smp-config.ts';
import { dialRelays } from './dial-relays.ts';
import { openPorts } from './listen.ts';
import { nodeMetrics } from './metrics.ts';
import { type NodeFiles, readNodeFiles } from './node-files.ts';
import { nodeHealth } from './node-health.ts';
import { statusRows } from './node-status.ts';
import { openStore, storePlace } from './open-store.ts';
import { operatorSteps } from './operator-steps.ts';
import { type OverviewParts, relayOverview } from './overview.ts';
import { pageServer } from './page/serve-pages.ts';
import { relayAddress } from './relay-address.ts';
import { countedSteps } from './statistics/counted-steps.ts';
import { operatorNumbers } from './statistics/operator-numbers.ts';
import { smpStatistics } from './statistics/smp-statistics.ts';
import { startWarnings } from './warnings.ts';

export interface SmpNodeDeps extends NodeDeps {
  /** What a backup takes with it where `backup.config` says so. */
  readonly configFolder?: string;
}

export interface SmpNode {
  /** Without password. */
  readonly address: string;
  /** With the ports really bound. */
  readonly endpoints: readonly BoundEndpoint[];
  readonly adminUrl: string;
  /** Where the data is: a folder, or the servers of a Redis. */
  readonly storePlace: string;
  /** What an operator may have meant otherwise. */
  readonly warnings: readonly string[];
  /** Reads certificates and keys again, for new connections. Rejects with `NodeError`, and then nothing has changed. */
  reload(): Promise<void>;
  /** Refuses new connections, answers what is in flight, closes everything. Never rejects. */
  stop(): Promise<void>;
}

/** Starts a node; rejects with `NodeError` or `ConfigError`, and then nothing is left running. */
export async function createSmpNode(config: SmpConfig, deps: SmpNodeDeps): Promise<SmpNode> {
  return startNode(new Node(config, deps));
}

/** What runs so far. */
interface NodeParts {
  readonly store?: QueueStore;
  readonly server?: SmpServer;
  readonly listener?: TlsListener;
  readonly statistics?: Statistics;
  readonly overview?: NodeOverview;
  readonly admin?: AdminApp;
}

interface AdminParts {
  readonly overview: NodeOverview;
  readonly statistics: Statistics;
  readonly adminTokens: NodeFiles['adminTokens'];
}

class Node implements SmpNode {
  address = '';
  endpoints: readonly BoundEndpoint[] = [];
  adminUrl = '';
  readonly storePlace: string;
  readonly warnings: readonly string[];
  #parts: NodeParts = {};
  #draining = false;
  #readiness: Readiness;
  #backups: Backups | null = null;
  readonly #certificates: Certificates;
  readonly #keyring = new Keyring();
  readonly #config: SmpConfig;
  readonly #deps: SmpNodeDeps;

  constructor(config: SmpConfig, deps: SmpNodeDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#readiness = new Readiness(() => this.#draining, []);
    this.#certificates = new Certificates(systemClock, deps.log);
    this.storePlace = storePlace(config);
    this.warnings = startWarnings(config);
  }

  async start(): Promise<void> {
    const config = this.#config;
    const { log, version, configFolder = null } = this.#deps;
    const { fingerprint, credentials, password, adminTokens, socksPassword, ...secrets } = readNodeFiles(config);
    this.#use(credentials);

    const { store, network, copies } = await openStore(config, secrets, log);
    this.#parts = { store };
    this.#backups = copies && relayBackups({ config, copies, fingerprint, version, configFolder, log });
    this.#readiness = nodeHealth({ config, store, certificates: this.#certificates, isDraining: () => this.#draining });
    const dialRelay = dialRelays(config.proxy, socksPassword);
    const shared = network === null ? {} : { sharedCounts: network.sharedCounts };
    const server = createSmpServer(
      { store, clock: systemClock, log, credentials: (connection) => this.#keyring.of(connection), dialRelay, ...shared },
      serverOptions(config, password),
    );
    this.#parts = { store, server };
    const statistics = await openStatistics({ config, name: 'smp', source: smpStatistics({ server, store }), clock: systemClock, log });
    this.#parts = { store, server, statistics };
    const { listener, setPages } = await openPorts(config, server, credentials);
    this.#parts = { store, server, statistics, listener };
    this.endpoints = listener.endpoints;
    this.address = relayAddress(config, { fingerprint, boundPort: this.endpoints[0]?.port });
    if (credentials.web !== undefined) setPages(await pageServer({ config, address: this.address, version }));
    const parts = { config, server, store, network, listener };
    const overview = openOverview(relayOverview(parts), this.#operated, network?.fleet ?? null);
    this.#parts = { store, server, statistics, listener, overview };
    await this.#openAdminPort({ ...parts, overview, statistics, adminTokens });
  }

  get #operated(): OperatedNode {
    return { service: 'smp', admin: this.#config.admin, address: this.address, readiness: this.#readiness, certificates: this.#certificates, deps: this.#deps };
  }

  async #openAdminPort({ config, server, store, network, listener, overview, statistics, adminTokens }: OverviewParts & AdminParts): Promise<void> {
    const { log, version } = this.#deps;
    const { address } = this;
    const health = { readiness: this.#readiness, certificates: this.#certificates, isDraining: () => this.#draining };
    const sources = { server, store, network, listener, version, address, startedAt: Date.now(), ...health };
    const steps = await operatorSteps(config, store, log);
    const page = readConsoleFiles();
    const admin = await openAdminPort({
      ...adminTokens,
      title: 'Polyplex SMP relay',
      ...(page && { page }),
      metrics: nodeMetrics(sources),
      status: () => statusRows(sources),
      ...operatorNumbers(server, statistics),
      audit: steps.audit,
      queues: countedSteps(steps.queues, server.stats),
      ...(this.#backups && { backup: this.#backups }),
    }, this.#operated, overview);
    this.#parts = { ...this.#parts, admin };
    this.adminUrl = admin.url;
  }

  async reload(): Promise<void> {
    const { credentials } = readNodeFiles(this.#config);
    this.#parts.listener?.setCredentials(credentials);
    this.#use(credentials);
  }

  #use({ smp, web }: ListenerCredentials): void {
    this.#keyring.add(smp);
    this.#certificates.show({ identity: smp.chain, web: web?.certificate ?? null });
  }

  async stop(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    this.#certificates.stop();
    const { store, overview, statistics, ...parts } = this.#parts;
    const stores = { backups: this.#backups ?? undefined, overview: overview && { close: () => overview.stop() }, statistics, store };
    const { leaveTime, drainTimeout } = this.#config.shutdown;
    await stopNode(parts, { log: this.#deps.log, leaveMs: leaveTime, drainMs: drainTimeout, work: 'sessions', stores });
  }
}
