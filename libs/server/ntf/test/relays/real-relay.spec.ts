/** The relays' side with the real relay of this project, over real TLS (NTF §4, SMP §5.4, §6.7, §6.8). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@polyplex/base';
import { addNotifier, connectSmp, createQueue, deleteQueue, openNotificationMeta, type RecipientQueue, sendMessage, type SmpClient, subscribeNotifications, tlsDial } from '@polyplex/client';
import { encodePrivateKey, fingerprintOf, generateKeyPair, randomBytes } from '@polyplex/crypto';
import { formatAddress } from '@polyplex/protocol-common';
import { createSmpServer, DEFAULT_OPTIONS, RelayFailure, type SmpServer } from '@polyplex/server-smp';
import { createTokenModel, type TokenModel } from '@polyplex/store-conformance';
import type { PushJob, SubscriptionRecord } from '@polyplex/store-contract';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import { silentLogger } from '@polyplex/telemetry';
import { issueCa, issueServerCertificate, issueServiceCertificate, listenTls, readCredentials, type TlsListener } from '@polyplex/transport-tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRelaySide, DEFAULT_RELAY_OPTIONS, NtfStats, relayConnector, type RelaySide, type RelaySideOptions } from '../../src/index.ts';

const ca = issueCa({ algorithm: 'ed25519' });
const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519' });
const credentials = readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key });

/** A relay that can be stopped and started at the same port with the same data. */
class Relay {
  port = 0;
  private readonly folder: string;
  private running: { server: SmpServer; listener: TlsListener; store: Awaited<ReturnType<typeof openEmbeddedStore>> } | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  async start(): Promise<void> {
    const store = await openEmbeddedStore({ path: this.folder });
    const deps = { store, clock: systemClock, log: silentLogger, credentials: () => credentials, dialRelay: () => Promise.reject(new RelayFailure({ type: 'HOST' })) };
    const server = createSmpServer(deps, { ...DEFAULT_OPTIONS, notificationIntervalMs: 20, drainMs: 0 });
    const listener = await listenTls({
      endpoints: [{ kind: 'smp', host: '127.0.0.1', port: this.port }], credentials: { smp: credentials }, onConnection: (connection) => server.accept(connection),
    });
    this.port = listener.endpoints[0]!.port;
    this.running = { server, listener, store };
  }

  async stop(): Promise<void> {
    const { server, listener, store } = this.running!;
    const closed = listener.close({ graceMs: 0 });
    await server.drain();
    await closed;
    await store.close();
  }

  get address() {
    return { hosts: ['127.0.0.1'], port: String(this.port), keyHash: fingerprintOf(credentials.chain)! };
  }
}

let folder: string;
let relay: Relay;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-relays-'));
  relay = new Relay(folder);
  await relay.start();
});
afterAll(async () => {
  await relay.stop();
  await rm(folder, { recursive: true, force: true });
});

let store: TokenModel;
let owner: SmpClient;
let side: RelaySide | null;
let jobs: PushJob[];
beforeEach(async () => {
  store = createTokenModel();
  owner = await connectSmp({ address: relay.address });
  jobs = [];
  side = null;
});
afterEach(async () => {
  owner.close();
  await side?.stop();
});

interface Watched {
  readonly queue: RecipientQueue;
  readonly notifier: Awaited<ReturnType<typeof addNotifier>>;
  readonly subscription: SubscriptionRecord;
}

/** A queue of a person whose device wants to hear of it. */
async function watched(count: number): Promise<Watched[]> {
  const made: Watched[] = [];
  for (let i = 0; i < count; i++) {
    const tokenId = randomBytes(24);
    const answer = await store.createToken({
      tokenId, device: { provider: 'apns_prod', token: randomBytes(32) }, authKey: generateKeyPair('ed25519').publicKey,
      dhKeys: generateKeyPair('x25519'), dhSecret: randomBytes(32), code: randomBytes(32),
    }, Date.now());
    if (answer.status !== 'created') throw new Error(answer.status);
    await store.activate(answer.token, Date.now());
    const queue = await createQueue(owner, { subscribe: false });
    const notifier = await addNotifier(owner, queue);
    const subscription = {
      subscriptionId: randomBytes(24), tokenId, relay: formatAddress(relay.address, 'smp'), notifierId: notifier.notifierId, notifierKey: encodePrivateKey(notifier.key),
    };
    const stored = await store.createSubscription(subscription);
    if (stored.status !== 'created') throw new Error(stored.status);
    made.push({ queue, notifier, subscription: stored.subscription });
  }
  return made;
}

const ofService = issueServiceCertificate({ commonName: 'service', algorithm: 'ed25519' });
const service = readCredentials({ certificatePem: ofService.certificate, keyPem: ofService.key, allowSelfSigned: true });

function start(withService: boolean, options: Partial<RelaySideOptions> = {}): RelaySide {
  const connect = relayConnector({
    dial: tlsDial(), clock: systemClock, ...(withService ? { service: () => service } : {}),
  });
  const pushing = { hasRoom: () => true, offer: (job: PushJob) => void jobs.push(job) };
  const deps = { store, connect, clock: systemClock, log: silentLogger, stats: new NtfStats(systemClock), pushing };
  side = createRelaySide(deps, { ...DEFAULT_RELAY_OPTIONS, spreadMs: 0, backoff: { initialMs: 50, maxMs: 100, factor: 1.5, jitter: 0.5 }, ...options });
  side.start();
  return side;
}

async function allActive(watching: readonly Watched[]): Promise<void> {
  for (const { subscription } of watching) await becomes(subscription, 'ACTIVE');
}

function becomes({ subscriptionId }: SubscriptionRecord, status: string): Promise<void> {
  return vi.waitFor(async () => expect((await store.findSubscription(subscriptionId))?.status).toBe(status), { timeout: 15_000 });
}

const say = (queue: RecipientQueue): Promise<void> => sendMessage(owner, { senderId: queue.senderId, key: null }, randomBytes(100), true);

/** The last notification that came for the queue, as its owner would open it. */
async function announced({ notifier, subscription }: Watched): Promise<void> {
  const last = await vi.waitFor(() => {
    const found = jobs.flatMap(({ messages }) => messages).findLast(({ notifierId }) => Buffer.from(notifierId).equals(subscription.notifierId));
    expect(found).toBeDefined();
    return found!;
  }, { timeout: 15_000 });
  expect(openNotificationMeta(notifier, { tag: 'NMSG', nonce: last.nonce, encMeta: last.meta }).msgId).toHaveLength(24);
}

describe.each([false, true])('with a service: %s', (withService) => {
  test('queues are subscribed, a message is announced, and its metadata can be opened', async () => {
    const watching = await watched(5);
    start(withService);
    await allActive(watching);
    await say(watching[3]!.queue);
    await announced(watching[3]!);
    const [more] = await watched(1);
    await allActive([more!]);
    await say(more!.queue);
    await announced(more!);
    const relays = await store.relays();
    expect(relays).toMatchObject([{ subscriptions: 6, inService: withService ? 6 : 0 }]);
  });

  test('a relay that restarts is come back to, and a message that waited is announced', async () => {
    const watching = await watched(3);
    const { gauges, stats } = start(withService);
    await allActive(watching);
    await relay.stop();
    await expect.poll(() => side!.gauges().relays[0]!.awaySince).not.toBeNull();
    await relay.start();
    owner = await connectSmp({ address: relay.address });
    await say(watching[1]!.queue);
    await announced(watching[1]!);
    expect(stats.connects.value).toBe(2);
    expect(gauges).toBeDefined();
    if (withService) expect(stats.serviceSubscribes.value).toBe(1);
  });

  test('a queue that is deleted is DELETED, one that another subscribes to is END', async () => {
    const [gone, taken] = await watched(2);
    start(withService);
    await allActive([gone!, taken!]);
    await deleteQueue(owner, gone!.queue);
    await becomes(gone!.subscription, 'DELETED');
    await subscribeNotifications(owner, taken!.notifier);
    await becomes(taken!.subscription, 'END');
  });

  test('a probe finds the relay alive, and no queue suffers', async () => {
    const watching = await watched(2);
    const { stats } = start(withService, { probeIntervalMs: 300, serviceProbeIntervalMs: 300, probeWindowMs: 10_000 });
    await allActive(watching);
    await vi.waitFor(() => expect(stats.probes.get('alive')).toBeGreaterThan(1), { timeout: 20_000 });
    expect(Object.fromEntries(stats.probes.values)).toEqual({ alive: stats.probes.get('alive') });
    for (const each of watching) {
      await say(each.queue);
      await announced(each);
    }
    await allActive(watching);
    expect(stats.disconnects.value).toBe(0);
  });
});

test('a queue that does not exist is AUTH', async () => {
  const [one] = await watched(1);
  await deleteQueue(owner, one!.queue);
  start(false);
  await becomes(one!.subscription, 'AUTH');
});

test('another relay at the address is told', async () => {
  await watched(1);
  const text = (await store.relays())[0]?.relay;
  const tokenId = (await store.wholeTokens(null, 1)).tokens[0]!.token.tokenId;
  const stranger = formatAddress({ ...relay.address, keyHash: randomBytes(32) }, 'smp');
  expect(stranger).not.toBe(text);
  await store.createSubscription({ subscriptionId: randomBytes(24), tokenId, relay: stranger, notifierId: randomBytes(24), notifierKey: randomBytes(48) });
  start(false);
  await vi.waitFor(() => expect(side!.gauges().relays.map(({ troubles }) => troubles)).toContainEqual(['identity']), { timeout: 15_000 });
});
