/** A relays' side on the store's model and a clock that stands still, with relays that tests play. */
import { randomBytes } from '@polyplex/crypto';
import { encodePrivateKey, generateKeyPair } from '@polyplex/crypto';
import { formatAddress } from '@polyplex/protocol-common';
import { createTokenModel, type TokenModel } from '@polyplex/store-conformance';
import type { PushJob, SubscriptionRecord, SubscriptionStatus } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { NtfStats } from '../../../src/stats.ts';
import type { RelayTarget } from '../../../src/relays/deps.ts';
import { DEFAULT_RELAY_OPTIONS, type RelaySideOptions } from '../../../src/relays/options.ts';
import { createRelaySide, type RelaySide } from '../../../src/relays/relay-side.ts';
import { FakeRelay, turn } from './fake-relay.ts';

export interface Node {
  readonly side: RelaySide;
  readonly store: TokenModel;
  readonly stats: NtfStats;
  readonly jobs: PushJob[];
  readonly logged: string[];
  room: boolean;
}

export interface StageOptions {
  readonly options?: Partial<RelaySideOptions>;
  /** What stands between a node and its store. */
  readonly around?: (store: TokenModel) => TokenModel;
}

/** No real keys: fake relays do not look, and a signature is never made. */
export const NOTIFIER_KEY = encodePrivateKey(generateKeyPair('ed25519').privateKey);

export class Stage {
  readonly clock: FakeClock = createFakeClock();
  readonly store: TokenModel = createTokenModel(this.clock);
  readonly relays = new Map<string, FakeRelay>();
  readonly nodes: Node[] = [];
  tokenId: Uint8Array = new Uint8Array();

  static async create(): Promise<Stage> {
    const stage = new Stage();
    stage.tokenId = await stage.addToken();
    return stage;
  }

  async addToken(): Promise<Uint8Array> {
    const tokenId = randomBytes(24);
    const dhKeys = generateKeyPair('x25519');
    const token = {
      tokenId, dhKeys, device: { provider: 'apns_prod', token: randomBytes(32) }, authKey: generateKeyPair('ed25519').publicKey,
      dhSecret: randomBytes(32), code: randomBytes(32),
    };
    const answer = await this.store.createToken(token, this.clock.now());
    if (answer.status !== 'created') throw new Error(answer.status);
    await this.store.activate(answer.token, this.clock.now());
    return tokenId;
  }

  /** A relay with a name of its own. */
  addRelay(host = `relay${this.relays.size}.example`): { readonly relay: string; readonly fake: FakeRelay } {
    const relay = formatAddress({ hosts: [host], port: '', keyHash: randomBytes(32) }, 'smp');
    const fake = new FakeRelay();
    this.relays.set(relay, fake);
    return { relay, fake };
  }

  /** Subscriptions of one token; their notifiers exist at the relay. */
  async subscriptions(relay: string, count: number, { tokenId = this.tokenId, notifierKey = NOTIFIER_KEY } = {}): Promise<SubscriptionRecord[]> {
    const made: SubscriptionRecord[] = [];
    for (let i = 0; i < count; i++) {
      const notifierId = randomBytes(24);
      const answer = await this.store.createSubscription({ subscriptionId: randomBytes(24), tokenId, relay, notifierId, notifierKey });
      if (answer.status !== 'created') throw new Error(answer.status);
      made.push(answer.subscription);
      this.relays.get(relay)?.notifiers.add(Buffer.from(notifierId).toString('latin1') as never);
    }
    return made;
  }

  node({ options = {}, around = (store) => store }: StageOptions = {}): Node {
    const peer = this.nodes.length === 0 ? this.store : this.store.peer();
    const store = around(peer);
    const stats = new NtfStats(this.clock);
    const logged: string[] = [];
    const say = (message: string, fields?: object): void => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
    const log: Logger = { ...silentLogger, warn: say, error: (message, fields) => say(`ERROR ${message}`, fields), info: say };
    const node = { store, stats, logged, jobs: [] as PushJob[], room: true } as Node & { side: RelaySide };
    const pushing = { hasRoom: () => node.room, offer: (job: PushJob) => void node.jobs.push(job) };
    const connect = (target: RelayTarget) => this.relays.get(target.relay)!.connect(target);
    const deps = { store, connect, clock: this.clock, log, stats, pushing, random: () => 0.5 };
    Object.assign(node, { side: createRelaySide(deps, { ...DEFAULT_RELAY_OPTIONS, ...options }) });
    this.nodes.push(node);
    return node;
  }

  started(parts?: StageOptions): Node {
    const node = this.node(parts);
    node.side.start();
    return node;
  }

  /** Lets time pass in small steps, and what happens happen. */
  async pass(ms: number, stepMs = 100): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await turns();
      this.clock.advance(Math.min(stepMs, left));
    }
    await turns();
  }

  async statuses(subscriptions: readonly SubscriptionRecord[]): Promise<(SubscriptionStatus | null)[]> {
    return Promise.all(subscriptions.map(async ({ subscriptionId }) => (await this.store.findSubscription(subscriptionId))?.status ?? null));
  }

  async status(subscription: SubscriptionRecord): Promise<SubscriptionStatus | null> {
    return (await this.statuses([subscription]))[0]!;
  }

  async stop(): Promise<void> {
    for (const { side } of this.nodes) {
      const stopped = side.stop();
      await this.pass(1000);
      await stopped;
    }
  }
}

/** Enough turns of the event loop for all that needs no time. */
export async function turns(count = 12): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}
