/** The pushing side on a store in memory, a clock that stands still, and a push service that answers as a test says. */
import { type Clock, toBase64Url } from '@polyplex/base';
import { agree, generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { Push, PushAnswer, PushSender } from '@polyplex/push';
import { createTokenModel, type TokenModel } from '@polyplex/store-conformance';
import type { NewToken, TokenRecord } from '@polyplex/store-contract';
import { type LogFields, type Logger, silentLogger } from '@polyplex/telemetry';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { createPushing, NtfStats, type Pushing, type PushingDeps, type PushingOptions } from '../../src/index.ts';

export const RELAY = 'smp://zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=@relay.example.org';

/** What a push service of a test does; undefined: it takes the push. */
type Script = (push: Push) => PushAnswer | Promise<PushAnswer> | undefined;

export interface Devices {
  readonly store: TokenModel;
  /** A device of this provider that was verified; nothing is due to it. */
  active(provider?: string, device?: string): Promise<TokenRecord>;
  /** A device with its verification due. */
  fresh(provider?: string, device?: string): Promise<TokenRecord>;
  activate(token: TokenRecord): Promise<TokenRecord>;
  /** A message for this device came; whether a push of it is leased to the pushing side is as on the relays' side. */
  message(token: TokenRecord, options?: { readonly relay?: string; readonly lease?: boolean }): Promise<void>;
}

export interface Bench extends Devices {
  readonly clock: FakeClock;
  readonly pushing: Pushing;
  readonly stats: NtfStats;
  /** Everything that was sent, in its order. */
  readonly sent: Push[];
  /** Log lines but debug. */
  readonly lines: readonly { readonly message: string; readonly fields: LogFields | undefined }[];
  /** Pushes that wait for their answer. */
  readonly open: { readonly value: number };
  script: Script | null;
}

export interface BenchOptions {
  readonly options?: Partial<PushingOptions>;
  readonly deps?: Partial<PushingDeps>;
}

export function createBench({ options = {}, deps = {} }: BenchOptions = {}): Bench {
  const clock = createFakeClock();
  const store = createTokenModel(clock);
  const stats = new NtfStats(clock);
  const sent: Push[] = [];
  const lines: { message: string; fields: LogFields | undefined }[] = [];
  const open = { value: 0 };
  const add = (message: string, fields?: LogFields): void => void lines.push({ message, fields });
  const log: Logger = { ...silentLogger, info: add, warn: add, error: add };
  const sender: PushSender = {
    async send(push) {
      sent.push(push);
      open.value += 1;
      try {
        return (await bench.script?.(push)) ?? { result: 'delivered' };
      } finally {
        open.value -= 1;
      }
    },
    placeOf: ({ provider }) => provider.replace(/^webpush /, ''),
    close: async () => undefined,
  };
  const pushing = createPushing({ store, sender, clock, log, stats, random: () => 0, ...deps }, options);
  const bench: Bench = { ...createDevices(store, pushing, clock), clock, pushing, stats, sent, lines, open, script: null };
  return bench;
}

export function createDevices(store: TokenModel, pushing: Pushing, clock: Clock): Devices {
  async function fresh(provider = 'apns_prod', device?: string): Promise<TokenRecord> {
    const made = await store.createToken(newToken(provider, device), clock.now());
    if (made.status !== 'created') throw new Error(made.status);
    return made.token;
  }
  async function activate(token: TokenRecord): Promise<TokenRecord> {
    const present = (await store.findToken(token.tokenId))!;
    if ((await store.activate(present, clock.now())) === 'stale') return activate(token);
    return (await store.findToken(token.tokenId))!;
  }
  return {
    store,
    fresh,
    activate,
    active: async (provider, device) => activate(await fresh(provider, device)),
    async message(token, { relay = RELAY, lease = true } = {}) {
      const notifierId = await subscribed(store, token, relay);
      const notification = { notifierId, nonce: randomBytes(24), meta: randomBytes(144), receivedAt: clock.now() };
      const [answer] = await store.receive(relay, [notification], clock.now(), lease && pushing.hasRoom() ? pushing.leaseMs : null);
      if (typeof answer === 'object' && 'lease' in answer) pushing.offer(answer);
    },
  };
}

let devices = 0;

function newToken(provider: string, device?: string): NewToken {
  const [dhKeys, app] = [generateKeyPair('x25519'), generateKeyPair('x25519')];
  devices += 1;
  return {
    tokenId: randomBytes(24),
    device: { provider, token: Buffer.from(device ?? `device${devices}`) },
    authKey: generateKeyPair('ed25519').publicKey,
    dhKeys,
    dhSecret: agree(dhKeys.privateKey, app.publicKey)!,
    code: randomBytes(32),
  };
}

const subscriptions = new Map<string, Uint8Array>();

/** One subscription for each device and relay. */
async function subscribed(store: TokenModel, token: TokenRecord, relay: string): Promise<Uint8Array> {
  const key = `${toBase64Url(token.tokenId)} ${relay}`;
  const known = subscriptions.get(key);
  if (known !== undefined) return known;
  const notifierId = randomBytes(24);
  await store.createSubscription({ subscriptionId: randomBytes(24), tokenId: token.tokenId, relay, notifierId, notifierKey: randomBytes(48) });
  subscriptions.set(key, notifierId);
  return notifierId;
}

/** Lets everything run that needs no time. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Moves time on in steps, so that what became due in between is done in between. */
export async function pass(bench: Bench, ms: number, stepMs = 500): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    bench.clock.advance(Math.min(stepMs, ms - passed));
    await settled();
  }
}

export const BUSY: PushAnswer = { result: 'retry', afterMs: null, cause: 'busy', place: false };
export const DOWN: PushAnswer = { result: 'retry', afterMs: null, cause: 'unavailable', place: true };

/** The device's name, as its pushes have it. */
export const nameOf = (token: TokenRecord): string => Buffer.from(token.device.token).toString();
