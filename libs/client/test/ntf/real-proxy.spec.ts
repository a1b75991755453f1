/** The client against a real push proxy over TLS: a device from its registration to its end, as an app does it (NTF §8). */
import { systemClock, utf8 } from '@polyplex/base';
import { boxKeyOf, fingerprintOf, generateKeyPair, randomBytes } from '@polyplex/crypto';
import { NTF_BLOCK_BYTES, openPushData, verificationPushData } from '@polyplex/protocol-ntf';
import { createNtfServer, DEFAULT_NTF_OPTIONS, NtfStats } from '@polyplex/server-ntf';
import { createTokenModel } from '@polyplex/store-conformance/token-model';
import { silentLogger } from '@polyplex/telemetry';
import { listenTls, type TlsListener } from '@polyplex/transport-tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkSubscription, checkToken, connectNtf, createSubscription, createSubscriptions, deleteSubscription, deleteToken, type NotifierAt, type NtfClient, NtfRefusedError,
  pingProxy, type RegisteredToken, registerToken, replaceToken, setCron, verifyToken,
} from '../../src/index.ts';
import { relayCredentials as credentials } from '../scripted-relay.ts';

const store = createTokenModel();
let listener: TlsListener;
const server = createNtfServer(
  { store, clock: systemClock, log: silentLogger, credentials: () => credentials, stats: new NtfStats(systemClock) }, { ...DEFAULT_NTF_OPTIONS, drainMs: 0 },
);
beforeAll(async () => {
  listener = await listenTls({
    endpoints: [{ kind: 'smp', host: '127.0.0.1', port: 0 }], credentials: { smp: credentials }, blockBytes: NTF_BLOCK_BYTES, protocols: ['ntf/1', 'h2', 'http/1.1'],
    onConnection: (connection) => server.accept(connection),
  });
});
afterAll(async () => {
  await server.drain();
  await listener.close();
});

const address = () => ({ hosts: ['127.0.0.1'], port: String(listener.endpoints[0]!.port), keyHash: fingerprintOf(credentials.chain)! });
let devices = 0;
const device = () => ({ provider: 'apns_prod', token: utf8(`d${String(++devices)}`) }) as const;
const keys = (kind: 'ed25519' | 'ed448' | 'x25519' = 'ed25519') => ({ authKeys: generateKeyPair(kind), dhKeys: generateKeyPair('x25519') });
const notifier = (): NotifierAt => ({
  relay: { hosts: ['smp.example'], port: '', keyHash: randomBytes(32) }, notifierId: randomBytes(24), notifierKey: generateKeyPair('ed25519').privateKey,
});

/** The push that the proxy would send, opened as the app does. */
async function pushedCode({ tokenId, boxKey }: RegisteredToken): Promise<Uint8Array> {
  const { code, dhSecret } = (await store.findToken(tokenId))!;
  const opened = openPushData(boxKey, verificationPushData(code, { key: boxKeyOf(dhSecret), nonce: randomBytes(24), paddedBytes: 3072 }));
  if (opened?.kind !== 'verification') throw new Error('not a verification');
  return opened.code;
}

async function verified(client: NtfClient, kind?: 'ed25519' | 'ed448' | 'x25519'): Promise<RegisteredToken> {
  const token = await registerToken(client, device(), keys(kind));
  await verifyToken(client, token, await pushedCode(token));
  return token;
}

describe.each([1, 2, 3])('version %i', (version) => {
  it.each(['ed25519', 'ed448', 'x25519'] as const)('a device with an %s key, from registration to its end', async (kind) => {
    const client = await connectNtf({ address: address(), versions: { min: 1, max: version } });
    expect(client.version).toBe(version);
    await pingProxy(client);
    if (version === 1 && kind === 'x25519') {
      await expect(registerToken(client, device(), keys(kind))).rejects.toMatchObject({ code: 'TRANSPORT' });
      client.close();
      return;
    }
    const own = keys(kind);
    const phone = device();
    const token = await registerToken(client, phone, own);
    expect(await registerToken(client, phone, own)).toEqual(token);
    expect(await checkToken(client, token)).toBe('REGISTERED');
    await verifyToken(client, token, await pushedCode(token));
    expect(await checkToken(client, token)).toBe('ACTIVE');
    await setCron(client, token, 20);
    const at = notifier();
    const subscription = await createSubscription(client, token, at);
    expect(await createSubscription(client, token, at)).toEqual(subscription);
    expect(await checkSubscription(client, token, subscription)).toBe('NEW');
    await deleteSubscription(client, token, subscription);
    await replaceToken(client, token, device());
    expect(await checkToken(client, token)).toBe('REGISTERED');
    await deleteToken(client, token);
    await expect(checkToken(client, token)).rejects.toMatchObject({ code: 'REFUSED', error: { type: 'AUTH' } });
    client.close();
    expect(await client.closed).toBe('local');
  });

  it('150 subscriptions at once, one of them refused', async () => {
    const client = await connectNtf({ address: address(), versions: { min: 1, max: version } });
    const token = await verified(client);
    const notifiers = Array.from({ length: 150 }, notifier);
    const taken = await verified(client);
    await createSubscription(client, taken, notifiers[70]!);
    const ids = await createSubscriptions(client, token, notifiers);
    expect(ids.filter((id) => id instanceof Uint8Array)).toHaveLength(149);
    expect(ids[70]).toBeInstanceOf(NtfRefusedError);
    const [first, last] = [ids[0], ids[149]];
    if (!(first instanceof Uint8Array) || !(last instanceof Uint8Array)) throw new Error('no ids');
    expect((await store.findSubscription(first))!.notifierId).toEqual(notifiers[0]!.notifierId);
    expect((await store.findSubscription(last))!.notifierId).toEqual(notifiers[149]!.notifierId);
    client.close();
  });
});

it('without ALPN: version 1', async () => {
  const client = await connectNtf({ address: address(), alpn: null });
  expect(client.version).toBe(1);
  await pingProxy(client);
  client.close();
  await expect(connectNtf({ address: address(), alpn: null, versions: { min: 2, max: 3 } })).rejects.toMatchObject({ code: 'TRANSPORT' });
});

it('another identity: refused', async () => {
  await expect(connectNtf({ address: { ...address(), keyHash: new Uint8Array(32) } })).rejects.toMatchObject({ code: 'NETWORK' });
});

it('the proxy goes away: what waits is rejected, what comes later too', async () => {
  const client = await connectNtf({ address: address() });
  const asked = expect(client.request({ tag: 'PING' })).resolves.toEqual({ tag: 'PONG' });
  await asked;
  for (const connection of listener.connections) connection.destroy('error');
  expect(await client.closed).toBe('peer');
  await expect(pingProxy(client)).rejects.toMatchObject({ code: 'NETWORK' });
});
