/**
 * The directory bot, put together: key → store → chat client with the directory → address → listing → admin port. Composition only.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, systemClock } from '@polyplex/base';
import { openSmpRelays, type Relays, type SmpRelays } from '@polyplex/agent';
import { Chat, type ChatOptions } from '@polyplex/chat';
import { ConfigError } from '@polyplex/config';
import { readConsoleFiles } from '@polyplex/console';
import { Directory, directoryProfile } from '@polyplex/directory';
import type { AdminApp } from '@polyplex/nest';
import {
  diskRoom, listenError, type NodeDeps, type NodeOverview, openAdminPort, openAudit, openOverview, type OperatedNode, Readiness, startNode, stopNode,
} from '@polyplex/node';
import type { Profile } from '@polyplex/protocol-chat';
import type { EmbeddedRecordStore } from '@polyplex/store-embedded';
import { botMetrics, statusRows } from './bot-facts.ts';
import { type BotFiles, readBotFiles } from './bot-files.ts';
import { fileServersOf, relaysOf } from './bot-relays.ts';
import type { BotConfig } from './config/bot-config.ts';
import { directoryAdmin } from './directory-admin.ts';
import { directoryOptions } from './directory-options.ts';
import { listingContent } from './listing/listing-content.ts';
import { readListingAssets } from './listing/listing-assets.ts';
import { ListingFiles } from './listing/listing-files.ts';
import { Publisher } from './listing/publisher.ts';
import { type ListingServer, serveListing } from './listing/serve-listing.ts';
import { botAddressFile, botFolder, dataDirOf, ofKnownFormat, openFiles, openStore } from './open-store.ts';
import { botOverview } from './overview.ts';
import { sendVoice } from './voice-captcha.ts';

export interface BotNodeDeps extends NodeDeps {
  /** The relay of the same configuration, with its password; null where there is none. */
  readonly ownRelay: string | null;
  /** Its file server likewise. */
  readonly ownFileServer: string | null;
}

export interface BotNode {
  /** What people connect to: the short link, where there is one. */
  readonly address: string;
  readonly endpoints: readonly { readonly kind: string; readonly host: string; readonly port: number }[];
  readonly adminUrl: string;
  readonly storePlace: string;
  readonly warnings: readonly string[];
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** There is nothing to read again. */
  reload(): Promise<void>;
  /** Never rejects. */
  stop(): Promise<void>;
}

/** Starts the bot; rejects with `NodeError` or `ConfigError`, and then nothing is left running. */
export async function createBotNode(config: BotConfig, deps: BotNodeDeps): Promise<BotNode> {
  return startNode(new Node(config, deps));
}

interface NodeParts {
  readonly store?: EmbeddedRecordStore;
  readonly relays?: SmpRelays;
  readonly chat?: Chat;
  readonly directory?: Directory;
  readonly publisher?: Publisher;
  readonly web?: ListingServer;
  readonly overview?: NodeOverview;
  readonly admin?: AdminApp;
}

/** How often searches are forgotten that nobody goes on with. */
const SWEEP_MS = 60_000;
/** How often some links of channels are read that are due. */
const LINK_CHECK_MS = 5000;

class Node implements BotNode {
  address = '';
  readonly endpoints: BotNode['endpoints'] = [];
  adminUrl = '';
  readonly storePlace: string;
  readonly warnings: readonly string[];
  facts: BotNode['facts'] = [];
  #parts: NodeParts = {};
  #draining = false;
  #hasFailed = false;
  #stopSweep: (() => void) | null = null;
  #stopLinkChecks: (() => void) | null = null;
  readonly #readiness: Readiness;
  readonly #config: BotConfig;
  readonly #deps: BotNodeDeps;

  constructor(config: BotConfig, deps: BotNodeDeps) {
    this.#config = config;
    this.#deps = deps;
    this.storePlace = botFolder(dataDirOf(config));
    this.#readiness = this.#health();
    const { superUsers } = config.botDirectory;
    this.warnings = superUsers.length > 0 ? [] : ['Nobody can approve groups: connect to the bot, send it /whoami, and put its answer into botDirectory.superUsers.'];
  }

  async start(): Promise<void> {
    const config = this.#config;
    const files = readBotFiles(config);
    const store = await openStore(config, files.key, this.#deps.log);
    this.#parts = { store };
    const { chat, directory } = this.#openChat(store, files, await this.#openFiles());
    this.#parts = { ...this.#parts, chat, directory };
    await ofKnownFormat(config, chat.change((step) => {
      directory.load(step);
      step.setProfile(this.#profile(files));
    }));
    directory.attach((work) => chat.change(work), systemClock);
    chat.start();
    const { fullLink, shortLink } = await chat.createAddress().catch((error: unknown) => {
      throw new ConfigError([{ setting: 'bot.relays', message: `the bot cannot get its address from the relay: ${errorText(error)}`, source: null }]);
    });
    this.address = shortLink ?? fullLink;
    await writeFile(botAddressFile(config), `${this.address}\n`);
    this.#stopSweep = systemClock.every(SWEEP_MS, () => void chat.change((step) => directory.sweep(step)).catch(() => undefined));
    if (config.botDirectory.linkCheckInterval > 0) {
      this.#stopLinkChecks = systemClock.every(LINK_CHECK_MS, () => void chat.change((step) => directory.checkLinks(step)).catch(() => undefined));
    }
    await this.#openListing(chat, directory);
    const overview = openOverview(botOverview({ ...(this.#parts as Required<NodeParts>), config, clock: systemClock }), this.#operated);
    this.#parts = { ...this.#parts, overview };
    await this.#openAdminPort(files);
  }

  /** Nothing but voice captchas is sent as a file. */
  async #openFiles(): Promise<Pick<ChatOptions, 'files'>> {
    const config = this.#config;
    if (config.botDirectory.voiceCaptchaCommand === null) return {};
    const servers = fileServersOf(config, this.#deps.ownFileServer);
    return { files: { room: await openFiles(config), servers } };
  }

  #openChat(store: EmbeddedRecordStore, files: BotFiles, sending: Pick<ChatOptions, 'files'>): { readonly chat: Chat; readonly directory: Directory } {
    const config = this.#config;
    const { log, ownRelay } = this.#deps;
    const directory = new Directory(directoryOptions(config, files, { log, sendVoice: (member, spoken) => chat.change((step) => sendVoice(step, member, spoken)) }));
    const chat: Chat = new Chat({
      ...sending, store, log, application: directory, profile: this.#profile(files),
      servers: relaysOf(config, ownRelay),
      openRelays: (onMessage) => this.#openRelays(onMessage),
      onFailure: (error) => this.#failed(error),
    });
    return { chat, directory };
  }

  #openRelays(onMessage: Parameters<ChatOptions['openRelays']>[0]): Relays {
    const relays = openSmpRelays({}, onMessage);
    this.#parts = { ...this.#parts, relays };
    return relays;
  }

  #profile({ image }: BotFiles): Profile {
    const { displayName, shortDescription } = this.#config.bot;
    return { ...directoryProfile(displayName, image ?? undefined), ...(shortDescription === null ? {} : { shortDescr: shortDescription }) };
  }

  async #openListing(chat: Chat, directory: Directory): Promise<void> {
    const { botWeb } = this.#config;
    const folder = botWeb.folder ?? join(this.storePlace, 'web');
    const files = new ListingFiles(folder);
    const publisher = new Publisher({ files, content: () => listingContent(chat, directory), intervalMs: botWeb.interval, clock: systemClock, log: this.#deps.log });
    this.#parts = { ...this.#parts, publisher };
    directory.onListingChanged(() => publisher.changed());
    await publisher.start();
    if (!botWeb.enabled) return;
    const assets = readListingAssets();
    if (assets === null) throw new Error('the page of the directory is not built');
    const web = await serveListing({ host: botWeb.host, port: botWeb.port, folder: files.current, assets }).catch((error: unknown) => {
      throw listenError('botWeb.host, botWeb.port', error);
    });
    this.#parts = { ...this.#parts, web };
    this.facts = [['Page', web.url]];
  }

  get #operated(): OperatedNode {
    return { service: 'bot', admin: this.#config.botAdmin, address: this.address, readiness: this.#readiness, deps: this.#deps };
  }

  async #openAdminPort(files: BotFiles): Promise<void> {
    const { botAdmin } = this.#config;
    const { log, version } = this.#deps;
    const { overview, ...parts } = this.#parts as Required<NodeParts>;
    const sources = { ...parts, readiness: this.#readiness, version, address: this.address, startedAt: Date.now(), clock: systemClock };
    const page = readConsoleFiles();
    const admin = await openAdminPort({
      ...files.adminTokens,
      title: 'Polyplex directory bot',
      ...(page && { page }),
      metrics: botMetrics(sources),
      status: () => Promise.resolve(statusRows(sources)),
      directory: directoryAdmin(parts),
      audit: await openAudit({ auditFile: botAdmin.auditFile, dataDir: dataDirOf(this.#config), server: 'bot' }, log),
    }, this.#operated, overview);
    this.#parts = { ...this.#parts, admin };
    this.adminUrl = admin.url;
  }

  #health(): Readiness {
    const { minRoom } = this.#config.storage;
    return new Readiness(() => this.#draining, [
      diskRoom(this.storePlace, { least: minRoom, setting: 'storage.minRoom' }),
      { failed: 'the store does not answer', reasons: () => (this.#hasFailed ? ['the store has failed'] : []) },
    ]);
  }

  /** Nothing can be kept any more; who looks after the process starts it again. */
  #failed(error: unknown): void {
    this.#hasFailed = true;
    this.#deps.log.error('the store of the bot has failed: it does nothing until it is started again', { error: error instanceof Error ? error.name : 'unknown' });
  }

  async reload(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    this.#stopSweep?.();
    this.#stopLinkChecks?.();
    const { store, chat, directory, publisher, overview, web, admin } = this.#parts;
    const stores = {
      overview: overview && { close: () => overview.stop() },
      page: web, listing: publisher,
      captchas: directory && { close: () => directory.settled() },
      chat: chat && { close: () => Promise.resolve(chat.close()) },
      store,
    };
    await stopNode(admin === undefined ? {} : { admin }, { log: this.#deps.log, drainMs: this.#config.shutdown.drainTimeout, work: 'chats', stores });
  }
}
