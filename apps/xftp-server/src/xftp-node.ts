/**
 * One node of the XFTP file server, put together: identity → stores → server → ports → pages → admin port. Composition only;
 * `stopNode` has the order in which it ends.
 */
import { systemClock } from '@polyplex/base';
import { readConsoleFiles } from '@polyplex/console';
import type { AdminApp } from '@polyplex/nest';
import {
  type Backups, Certificates, Keyring, type NodeDeps, type NodeOverview, openAdminPort, openOverview, openStatistics, type OperatedNode, Readiness, startNode, type Statistics, stopNode,
} from '@polyplex/node';
import { createXftpServer, type XftpServer } from '@polyplex/server-xftp';
import type { Http2Listener, HttpCredentials } from '@polyplex/transport-http2';
import { fileServerBackups } from './backup.ts';
import { serverOptions } from './config/server-options.ts';
import type { XftpConfig } from './config/xftp-config.ts';
import { fileServerAddress } from './file-server-address.ts';
import { openPorts } from './listen.ts';
import { nodeMetrics } from './metrics.ts';
import { type FileServerFiles, readFileServerFiles } from './node-files.ts';
import { nodeHealth } from './node-health.ts';
import { statusRows } from './node-status.ts';
import { fileStorePlace, type OpenedStores, openStores } from './open-stores.ts';
import { operatorSteps } from './operator-steps.ts';
import { fileServerOverview } from './overview.ts';
import { fileStatistics } from './statistics.ts';
import { startWarnings } from './warnings.ts';
import { webPages } from './web-pages.ts';

export interface XftpNodeDeps extends NodeDeps {
  /** What a backup takes with it where `backup.config` says so. */
  readonly configFolder?: string;
}

export interface XftpNode {
  /** Without password. */
  readonly address: string;
  /** With the ports really bound. */
  readonly endpoints: Http2Listener['endpoints'];
  readonly adminUrl: string;
  /** Where the data is: a folder, or a Redis and a bucket. */
  readonly storePlace: string;
  /** What an operator may have meant otherwise. */
  readonly warnings: readonly string[];
  /** Reads certificates and keys again, for new connections. Rejects with `NodeError`, and then nothing has changed. */
  reload(): Promise<void>;
  /** Refuses new connections, answers what is under way, closes everything. Never rejects. */
  stop(): Promise<void>;
}

/** Starts a node; rejects with `NodeError` or `ConfigError`, and then nothing is left running. */
export async function createXftpNode(config: XftpConfig, deps: XftpNodeDeps): Promise<XftpNode> {
  return startNode(new Node(config, deps));
}

/** What runs so far. */
interface NodeParts extends Partial<OpenedStores> {
  readonly server?: XftpServer;
  readonly listener?: Http2Listener;
  readonly statistics?: Statistics;
  readonly overview?: NodeOverview;
  readonly admin?: AdminApp;
}

class Node implements XftpNode {
  address = '';
  endpoints: Http2Listener['endpoints'] = [];
  adminUrl = '';
  warnings: readonly string[] = [];
  readonly storePlace: string;
  #parts: NodeParts = {};
  #draining = false;
  #readiness: Readiness;
  #backups: Backups | null = null;
  readonly #certificates: Certificates;
  readonly #keyring = new Keyring();
  readonly #config: XftpConfig;
  readonly #deps: XftpNodeDeps;

  constructor(config: XftpConfig, deps: XftpNodeDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#readiness = new Readiness(() => this.#draining, []);
    this.#certificates = new Certificates(systemClock, deps.log);
    this.storePlace = fileStorePlace(config);
  }

  async start(): Promise<void> {
    const config = this.#config;
    const { log, version, configFolder = null } = this.#deps;
    const { fingerprint, credentials, password, adminTokens, ...secrets } = readFileServerFiles(config);
    this.#use(credentials);

    const stores = await openStores(config, secrets, log);
    this.#parts = stores;
    const { copies } = stores;
    this.#backups = copies && fileServerBackups({ config, copies, fingerprint, version, configFolder, log });
    this.#readiness = nodeHealth({ ...stores, config, certificates: this.#certificates, isDraining: () => this.#draining });
    const pages = webPages();
    const server = createXftpServer(
      { ...stores, clock: systemClock, log, credentials: (connection) => this.#keyring.of(connection), pages: pages.serve },
      serverOptions(config, password),
    );
    this.#parts = { ...stores, server };
    const statistics = await openStatistics({ config, name: 'xftp', source: fileStatistics(server, stores.files), clock: systemClock, log });
    this.#parts = { ...stores, server, statistics };
    const listener = await openPorts(config, server, credentials);
    this.#parts = { ...stores, server, statistics, listener };
    this.endpoints = listener.endpoints;
    this.address = fileServerAddress(config, { fingerprint, boundPort: this.endpoints[0]?.port });
    const hasPages = credentials.web === undefined || (await pages.make(config, { address: this.address, version }));
    this.warnings = startWarnings(config, { ...(await startFacts(stores)), hasPages });
    const overview = openOverview(fileServerOverview({ ...stores, server, listener, config }), this.#operated, stores.board);
    this.#parts = { ...stores, server, statistics, listener, overview };
    await this.#openAdminPort(adminTokens);
  }

  get #operated(): OperatedNode {
    return { service: 'xftp', admin: this.#config.xftpAdmin, address: this.address, readiness: this.#readiness, certificates: this.#certificates, deps: this.#deps };
  }

  async #openAdminPort(tokens: FileServerFiles['adminTokens']): Promise<void> {
    const { quota } = this.#config.xftpStorage;
    const { log, version } = this.#deps;
    const { files, chunks, server, listener, statistics: { stats, save }, overview } = this.#parts as Required<NodeParts>;
    const health = { readiness: this.#readiness, certificates: this.#certificates, isDraining: () => this.#draining };
    const sources = { files, chunks, server, listener, quota, version, address: this.address, startedAt: Date.now(), ...health };
    const page = readConsoleFiles();
    const admin = await openAdminPort({
      ...tokens,
      title: 'Polyplex XFTP file server',
      ...(page && { page }),
      metrics: nodeMetrics(sources),
      status: () => statusRows(sources),
      stats,
      save,
      ...(await operatorSteps(this.#config, { files, server, log })),
      ...(this.#backups && { backup: this.#backups }),
    }, this.#operated, overview);
    this.#parts = { ...this.#parts, admin };
    this.adminUrl = admin.url;
  }

  async reload(): Promise<void> {
    const { credentials } = readFileServerFiles(this.#config);
    this.#parts.listener?.setCredentials(credentials);
    this.#use(credentials);
  }

  #use({ xftp, web }: HttpCredentials): void {
    this.#keyring.add(xftp);
    this.#certificates.show({ identity: xftp.chain, web: web?.certificate ?? null });
  }

  async stop(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    this.#certificates.stop();
    const { shutdown, xftpLimits } = this.#config;
    const { chunks, files, statistics, overview, ...parts } = this.#parts;
    const drainMs = shutdown.drainTimeout + xftpLimits.drainTransfers;
    const stores = { backups: this.#backups ?? undefined, overview: overview && { close: () => overview.stop() }, statistics, files: chunks, records: files };
    await stopNode(parts, { log: this.#deps.log, leaveMs: shutdown.leaveTime, drainMs, work: 'requests', stores });
  }
}

async function startFacts({ files, chunks }: OpenedStores) {
  const [{ bytes }, room] = await Promise.all([files.usage(), chunks.room()]);
  return { usedBytes: bytes, room };
}
