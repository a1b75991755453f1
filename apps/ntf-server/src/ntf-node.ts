/**
 * One node of the push proxy, put together: identity → store → push services → server, relays → ports → admin port.
 * Composition only; `stopNode` has the order in which it ends.
 */
import { systemClock } from '@polyplex/base';
import { readConsoleFiles } from '@polyplex/console';
import type { AdminApp } from '@polyplex/nest';
import {
  type Backups, Certificates, Keyring, type NodeDeps, type NodeOverview, openAdminPort, openAudit, openOverview, openStatistics, type OperatedNode, Readiness, startNode, type Statistics, stopNode,
} from '@polyplex/node';
import { parseAddress } from '@polyplex/protocol-common';
import { createNtfServer, createPushing, createRelaySide, isOwn, type NtfServer, NtfStats, type Pushing, type RelaySide } from '@polyplex/server-ntf';
import type { PushSender } from '@polyplex/push';
import type { Credentials, TlsListener } from '@polyplex/transport-tls';
import { pushProxyBackups } from './backup.ts';
import type { NtfConfig } from './config/ntf-config.ts';
import { pushingOptions, relaySideOptions } from './config/part-options.ts';
import { serverOptions } from './config/server-options.ts';
import { connectRelays } from './dial-relays.ts';
import { openPorts } from './listen.ts';
import { nodeMetrics } from './metrics.ts';
import { type PushProxyFiles, readPushProxyFiles } from './node-files.ts';
import { nodeHealth } from './node-health.ts';
import { statusRows } from './node-status.ts';
import { dataDirOf, type OpenedStore, openStore, tokenStorePlace } from './open-store.ts';
import { pushProxyOverview } from './overview.ts';
import { pushProxyAddress } from './push-proxy-address.ts';
import { openPushSender } from './push-senders.ts';
import { placeStates, relayStates } from './relays-and-places.ts';
import { pushStatistics } from './statistics.ts';
import { startWarnings } from './warnings.ts';

export interface NtfNodeDeps extends NodeDeps {
  /** What a backup takes with it where `backup.config` says so. */
  readonly configFolder?: string;
}

export interface NtfNode {
  readonly address: string;
  /** With the ports really bound. */
  readonly endpoints: readonly { readonly kind: 'ntf'; readonly host: string; readonly port: number }[];
  readonly adminUrl: string;
  /** Where the data is: a folder, or the servers of a Redis. */
  readonly storePlace: string;
  /** What an operator may have meant otherwise. */
  readonly warnings: readonly string[];
  /** What apps and their makers need besides the address. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** Reads certificates again, for new connections. Rejects with `NodeError`, and then nothing has changed. */
  reload(): Promise<void>;
  /** Refuses new connections, ends pushes under way, gives its relays back, closes everything. Never rejects. */
  stop(): Promise<void>;
}

/** Starts a node; rejects with `NodeError` or `ConfigError`, and then nothing is left running. */
export async function createNtfNode(config: NtfConfig, deps: NtfNodeDeps): Promise<NtfNode> {
  return startNode(new Node(config, deps));
}

/** What runs so far. */
interface NodeParts extends Partial<OpenedStore> {
  readonly sender?: PushSender;
  readonly pushing?: Pushing;
  readonly relays?: RelaySide;
  readonly server?: NtfServer;
  readonly listener?: TlsListener;
  readonly statistics?: Statistics;
  readonly overview?: NodeOverview;
  readonly admin?: AdminApp;
}

/** Null for relays of others. */
function ownHostOf(relay: string, ownDomains: readonly string[]): string | null {
  const host = parseAddress(relay)?.hosts[0];
  return host !== undefined && isOwn(host, ownDomains) ? host : null;
}

class Node implements NtfNode {
  address = '';
  endpoints: NtfNode['endpoints'] = [];
  facts: NtfNode['facts'] = [];
  adminUrl = '';
  readonly storePlace: string;
  readonly warnings: readonly string[];
  #parts: NodeParts = {};
  #draining = false;
  #readiness: Readiness;
  #backups: Backups | null = null;
  readonly #stats = new NtfStats(systemClock);
  readonly #certificates: Certificates;
  readonly #keyring = new Keyring();
  readonly #config: NtfConfig;
  readonly #deps: NtfNodeDeps;

  constructor(config: NtfConfig, deps: NtfNodeDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#readiness = new Readiness(() => this.#draining, []);
    this.#certificates = new Certificates(systemClock, deps.log);
    this.storePlace = tokenStorePlace(config);
    this.warnings = startWarnings(config);
  }

  async start(): Promise<void> {
    const config = this.#config;
    const { log, version, configFolder = null } = this.#deps;
    const files = readPushProxyFiles(config);
    const { identity } = files;
    this.#use(identity.credentials);
    if (files.push.vapidKey !== null) this.facts = [['Web Push key', files.push.vapidKey.publicKey]];

    const opened = await openStore(config, files, log);
    this.#parts = opened;
    const { store, embedded } = opened;
    this.#backups = embedded && pushProxyBackups({ config, copies: embedded, fingerprint: identity.fingerprint, version, configFolder, log });
    this.#readiness = nodeHealth({ config, store, certificates: this.#certificates, isDraining: () => this.#draining });
    this.#openSides(opened, files);
    const statistics = await openStatistics({ config, name: 'ntf', source: pushStatistics(this.#stats, store), clock: systemClock, log });
    this.#parts = { ...this.#parts, statistics };
    const { server, pushing, relays } = this.#parts as Required<NodeParts>;
    const listener = await openPorts(config, server, identity.credentials);
    this.#parts = { ...this.#parts, listener };
    this.endpoints = listener.endpoints.map(({ host, port }) => ({ kind: 'ntf', host, port }));
    this.address = pushProxyAddress(config, { fingerprint: identity.fingerprint, boundPort: this.endpoints[0]?.port });
    // Nothing was taken before that a failed start would have had to give back.
    pushing.start();
    relays.start();
    const overview = openOverview(pushProxyOverview({ ...(this.#parts as Required<NodeParts>), config, stats: this.#stats }), this.#operated, opened.board);
    this.#parts = { ...this.#parts, overview };
    await this.#openAdminPort(files.adminTokens);
  }

  /** Towards clients, push services and relays; none of them begins yet. */
  #openSides({ store }: OpenedStore, files: PushProxyFiles): void {
    const config = this.#config;
    const { log } = this.#deps;
    const stats = this.#stats;
    const { ownDomains } = config.ntfRelays;
    const sender = openPushSender(config, files.push, log);
    const options = pushingOptions(config);
    const pushing = createPushing({ store, sender, clock: systemClock, log, stats, ownHostOf: (relay) => ownHostOf(relay, ownDomains) }, options);
    const relays = createRelaySide({ store, connect: connectRelays(config, files.relays), clock: systemClock, log, stats, pushing }, relaySideOptions(config, options));
    const server = createNtfServer({ store, clock: systemClock, log, credentials: (connection) => this.#keyring.of(connection), stats }, serverOptions(config));
    this.#parts = { ...this.#parts, sender, pushing, relays, server };
  }

  get #operated(): OperatedNode {
    return { service: 'ntf', admin: this.#config.ntfAdmin, address: this.address, readiness: this.#readiness, certificates: this.#certificates, deps: this.#deps };
  }

  async #openAdminPort(tokens: PushProxyFiles['adminTokens']): Promise<void> {
    const { ntfAdmin } = this.#config;
    const { log, version } = this.#deps;
    const { overview, relays, pushing, statistics: { stats, save }, ...parts } = this.#parts as Required<NodeParts>;
    const health = { readiness: this.#readiness, certificates: this.#certificates, isDraining: () => this.#draining };
    const sources = { ...parts, relays, pushing, stats: this.#stats, version, address: this.address, startedAt: Date.now(), ...health };
    const page = readConsoleFiles();
    const admin = await openAdminPort({
      ...tokens,
      title: 'Polyplex NTF push proxy',
      ...(page && { page }),
      metrics: nodeMetrics(sources),
      status: () => statusRows(sources),
      relays: () => relayStates(relays),
      places: () => placeStates(pushing),
      stats,
      save,
      audit: await openAudit({ auditFile: ntfAdmin.auditFile, dataDir: dataDirOf(this.#config), server: 'ntf' }, log),
      ...(this.#backups && { backup: this.#backups }),
    }, this.#operated, overview);
    this.#parts = { ...this.#parts, admin };
    this.adminUrl = admin.url;
  }

  async reload(): Promise<void> {
    const { identity: { credentials } } = readPushProxyFiles(this.#config);
    this.#parts.listener?.setCredentials({ smp: credentials });
    this.#use(credentials);
  }

  #use(credentials: Credentials): void {
    this.#keyring.add(credentials);
    this.#certificates.show({ identity: credentials.chain, web: null });
  }

  async stop(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    this.#certificates.stop();
    const { shutdown, ntfPushes } = this.#config;
    const { store, sender, pushing, relays, statistics, overview, ...parts } = this.#parts;
    const stores = {
      backups: this.#backups ?? undefined,
      overview: overview && { close: () => overview.stop() },
      // What relays have sent is in the store before it is pushed, and what is pushed is settled there.
      relays: relays && { close: () => relays.stop() },
      pushes: pushing && { close: () => pushing.stop(Math.max(shutdown.drainTimeout, ntfPushes.timeout)) },
      'push services': sender,
      statistics, store,
    };
    await stopNode(parts, { log: this.#deps.log, leaveMs: shutdown.leaveTime, drainMs: shutdown.drainTimeout, work: 'sessions', stores });
  }
}
