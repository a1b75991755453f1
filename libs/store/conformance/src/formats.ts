/**
 * What a store of each kind is filled with to keep a sample of its format, and how all of it is told again, by the contracts
 * alone: a release's sample, kept in the repository, must read the same in every later one. Everything is made of numbers,
 * so that the same is written whenever and wherever it is made.
 */
import type { FileStore, QueueStore, RecordStore, StoredQueue, TokenStore } from '@polyplex/store-contract';

const NOW = 1_700_000_000_000;

function bytes(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 37 + i * 11) & 255);
}

/** JSON that shows every byte, with keys in order. */
function told(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, told(inner)]));
}

const key = <K extends 'ed25519' | 'ed448' | 'x25519' | 'x448'>(kind: K, seed: number) => ({ kind, raw: bytes(seed, kind.endsWith('448') ? 57 - (kind === 'x448' ? 1 : 0) : 32) });

/** Each state and each optional part once. */
function queues(): StoredQueue[] {
  const plain = (seed: number): StoredQueue => ({
    record: {
      recipientId: bytes(seed, 24), recipientKeys: [key('ed25519', seed)], dhSecret: bytes(seed + 1, 32), senderId: bytes(seed + 2, 24), senderKey: null, mode: 'M',
      linkId: null, notifier: null, status: { state: 'active' }, serviceId: null, usedDay: 19_675 * 86_400, revision: seed,
    },
    link: null, messages: [], notifications: [], lastId: new Uint8Array(),
  });
  const whole = (seed: number, record: Partial<StoredQueue['record']>, rest: Partial<StoredQueue> = {}): StoredQueue => {
    const base = plain(seed);
    return { ...base, ...rest, record: { ...base.record, ...record } };
  };
  const notifier = { notifierId: bytes(90, 24), notifierKey: key('x25519', 91), dhSecret: bytes(92, 32), serviceId: null };
  const message = (seed: number) => ({ kind: 'message', msgId: bytes(seed, 24), ts: NOW / 1000 + seed, notify: seed % 2 === 0, body: bytes(seed, 16_064) }) as const;
  return [
    plain(10),
    whole(20, { recipientKeys: [key('ed25519', 21), key('ed448', 22)], senderKey: key('x25519', 23), mode: 'C', linkId: bytes(24, 24) }, { link: { fixedData: bytes(25, 500), userData: bytes(26, 1000) } }),
    whole(30, { senderKey: key('ed25519', 31), notifier }, {
      messages: [message(32), message(33), { kind: 'quota', msgId: bytes(34, 24), ts: NOW / 1000 + 34 }],
      notifications: [{ ts: NOW / 1000, nonce: bytes(35, 24), encMeta: bytes(36, 144) }], lastId: new Uint8Array(),
    }),
    whole(40, { status: { state: 'off' }, mode: null }),
    whole(50, { status: { state: 'blocked', info: { reason: 'spam', notice: { ttl: 86_400 } } } }),
  ];
}

export async function fillQueues(store: QueueStore): Promise<void> {
  await store.writeService({ serviceId: bytes(70, 24), role: 'N', fingerprint: bytes(71, 32), chain: [bytes(72, 400), bytes(73, 300)], createdAt: NOW / 1000 });
  for (const queue of queues()) await store.writeQueue(queue);
}

export async function tellQueues(store: QueueStore): Promise<unknown> {
  const found = (await store.readQueues(null, 1000)).queues.map(told);
  return { queues: found.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)), services: (await store.readServices(null, 1000)).services.map(told) };
}

const FILES = [100, 110, 120] as const;

export async function fillFiles(store: FileStore): Promise<void> {
  for (const [i, seed] of FILES.entries()) {
    const file = { senderId: bytes(seed, 24), senderKey: key('ed25519', seed + 1), size: 65_536 * (i + 1), digest: bytes(seed + 2, 32), createdAt: NOW / 1000 };
    const recipients = [3, 4].map((more) => ({ recipientId: bytes(seed + more, 24), recipientKey: key('ed25519', seed + more) }));
    const body = Buffer.from(bytes(seed + 5, 24)).toString('base64url');
    await store.putFile({ file: { ...file, status: i === 2 ? { state: 'blocked', info: { reason: 'content', notice: null } } : { state: 'active' }, bodyId: i === 1 ? body : null }, recipients });
  }
}

export async function tellFiles(store: FileStore): Promise<unknown> {
  return Promise.all(FILES.flatMap((seed) => [store.find('sender', bytes(seed, 24)).then(told), ...[3, 4].map((more) => store.find('recipient', bytes(seed + more, 24)).then(told))]));
}

export async function fillTokens(store: TokenStore): Promise<void> {
  for (const seed of [130, 140]) {
    const token = {
      tokenId: bytes(seed, 24), device: { provider: 'apns_prod', token: new TextEncoder().encode(Buffer.from(bytes(seed + 1, 32)).toString('hex')) }, authKey: key('ed25519', seed + 2),
      dhKeys: { publicKey: key('x25519', seed + 3), privateKey: key('x25519', seed + 4) }, dhSecret: bytes(seed + 5, 32), code: bytes(seed + 6, 32),
    };
    await store.createToken(token, NOW);
    if (seed === 130) continue;
    await store.activate({ tokenId: token.tokenId, revision: 0 }, NOW);
    await store.setCron(token.tokenId, 20, NOW);
    const subscription = { subscriptionId: bytes(seed + 7, 24), tokenId: token.tokenId, relay: 'smp://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=@relay.example.com', notifierId: bytes(seed + 8, 24), notifierKey: bytes(seed + 9, 48) };
    await store.createSubscription(subscription);
    await store.receive(subscription.relay, [{ notifierId: subscription.notifierId, nonce: bytes(seed + 10, 24), meta: bytes(seed + 11, 144), receivedAt: NOW }], NOW, null);
  }
}

export async function tellTokens(store: TokenStore): Promise<unknown> {
  const { tokens } = await store.wholeTokens(null, 1000);
  return tokens.map(told).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Under which the records of samples are sealed. */
export const RECORDS_KEY = bytes(150, 32);

export async function fillRecords(store: RecordStore): Promise<void> {
  await store.change((records) => {
    records.put('contact', '0001', { name: 'Ann', keys: [bytes(151, 32)], at: NOW });
    records.put('contact', '0002', { name: 'Bob', keys: [], at: null });
    records.put('group', '0001', { title: 'α', members: 3, open: true });
  });
}

export async function tellRecords(store: RecordStore): Promise<unknown> {
  return Promise.resolve(store.read((records) => ['contact', 'group'].map((kind) => told(records.list(kind, '')))));
}
