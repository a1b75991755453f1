/** The client's handshake: what it agrees to, and every reason for which it refuses (SMP §3.3-3.6, §7.1, §10.1, §10.2). */
import { afterEach, describe, expect, it } from 'vitest';
import { CodedError, concatBytes } from '@polyplex/base';
import { decodeSignedKey, fingerprintOf, generateKeyPair, leafPublicKey, verify } from '@polyplex/crypto';
import { authorizedBytes } from '@polyplex/protocol-common';
import { createFakeClock } from '@polyplex/testing';
import { connectSmp, SmpClientError, type ConnectSmpOptions, type Dial, type SmpClient } from '../src/index.ts';
import { dialerTo, otherCredentials, relayAddress, relayCredentials, type RelayScript, SERVICE_ID, serviceCredentials, signedKey, stage, turns } from './scripted-relay.ts';

const opened: SmpClient[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

async function connect(script: RelayScript, options: Partial<ConnectSmpOptions> = {}): ReturnType<typeof stage> {
  const found = await stage(script, options);
  opened.push(found.client);
  return found;
}

async function refusal(script: RelayScript, options: Partial<ConnectSmpOptions> = {}, chain = relayCredentials.chain): Promise<unknown> {
  const { dial, connections } = dialerTo(script, { serverChain: chain });
  const error: unknown = await connectSmp({ address: relayAddress, dial, ...options }).then(
    () => 'connected',
    (e: unknown) => e,
  );
  await turns();
  expect(connections[0]!.write(new Uint8Array(16_384)), 'no connection is left behind').toBe(true);
  return error instanceof SmpClientError ? error.broker : error;
}

const transport = (error: string): object => ({ type: 'TRANSPORT', error });

describe('the handshake agrees on', () => {
  it.each([
    [{ min: 6, max: 18 }, 18, true],
    [{ min: 6, max: 20 }, 18, true],
    [{ min: 6, max: 11 }, 11, true],
    [{ min: 6, max: 10 }, 10, false],
    [{ min: 6, max: 7 }, 7, false],
    [{ min: 6, max: 6 }, 6, false],
  ])('the highest common version of %j', async (versions, version, encrypted) => {
    const { client, relay } = await connect({ versions });
    expect(client.version).toBe(version);
    expect(client.versions).toEqual({ min: 6, max: version });
    await client.request({ tag: 'SUB' }, { entityId: new Uint8Array(24), key: generateKeyPair('ed25519').privateKey });
    expect(relay.clientHello).toMatchObject({ version, keyHash: relayAddress.keyHash, proxyServer: false, service: null });
    expect(relay.clientHello!.key === null).toBe(version < 7);
    expect(client.secret === null).toBe(version < 7);
    expect(encrypted).toBe(version >= 11);
  });

  it('no block encryption for a proxy, and at most version 10 with a relay that does not know of proxies', async () => {
    const modern = await connect({}, { proxyServer: true });
    await modern.client.request({ tag: 'SUB' }, { entityId: new Uint8Array(24), key: generateKeyPair('ed25519').privateKey });
    expect(modern.relay.clientHello).toMatchObject({ version: 18, proxyServer: true });
    expect((await connect({ versions: { min: 6, max: 13 } }, { proxyServer: true })).client.version).toBe(10);
    expect((await connect({ versions: { min: 6, max: 14 } }, { proxyServer: true })).client.version).toBe(14);
    expect(modern.client.relayKey?.chain).toEqual(relayCredentials.chain);
    expect(modern.client.secret).toHaveLength(32);
  });

  it('a service, with a session key that its certificate signed', async () => {
    const credentials = serviceCredentials();
    const { client, relay } = await connect({}, { service: { role: 'N', credentials } });
    expect(client.service).toMatchObject({ role: 'N', serviceId: SERVICE_ID });
    const { service } = relay.clientHello!;
    const signed = decodeSignedKey(service!.signedKey)!;
    expect(signed.key.kind).toBe('ed25519');
    expect(verify(leafPublicKey(credentials.chain)!, signed.signed, signed.signature)).toBe(true);
    const queueKeys = generateKeyPair('ed25519');
    await client.request({ tag: 'SUB' }, { entityId: new Uint8Array(24), key: queueKeys.privateKey, asService: true });
    const asked = relay.asked[0]!;
    const authorized = authorizedBytes(client.sessionId, asked.signed);
    expect(verify(signed.key, authorized, asked.serviceSignature!)).toBe(true);
    expect(verify(queueKeys.publicKey, concatBytes(fingerprintOf(credentials.chain)!, authorized), asked.auth)).toBe(true);
  });

  it('no service below version 16', async () => {
    const { client } = await connect({ versions: { min: 6, max: 15 } }, { service: { role: 'N', credentials: serviceCredentials() } });
    expect(client.service).toBeNull();
  });

  it('no encryption when the relay has no key that can be read', async () => {
    const { client, relay } = await connect({ hello: (hello) => ({ ...hello, key: null }) });
    expect([client.version, client.secret, client.relayKey]).toEqual([18, null, null]);
    await client.request({ tag: 'SUB' }, { entityId: new Uint8Array(24), key: generateKeyPair('ed25519').privateKey });
    expect(relay.clientHello!.key).toBeNull();
    const x25519 = client.request({ tag: 'SUB' }, { entityId: new Uint8Array(24), key: generateKeyPair('x25519').privateKey });
    await expect(x25519).rejects.toMatchObject({ code: 'TRANSPORT', broker: transport('NO_AUTH') });
  });
});

interface RefusalRow {
  readonly name: string;
  readonly script: RelayScript;
  readonly broker: object;
  readonly options?: Partial<ConnectSmpOptions>;
}

describe('the client refuses', () => {
  const row = (name: string, script: RelayScript, broker: object, options: Partial<ConnectSmpOptions> = {}): RefusalRow => ({ name, script, broker, options });
  const asNotifier = { service: { role: 'N', credentials: serviceCredentials() } } as const;

  it.each([
    row('another session id', { hello: (hello) => ({ ...hello, sessionId: new Uint8Array(32) }) }, transport('SESSION')),
    row('an empty session id', { hello: (hello) => ({ ...hello, sessionId: new Uint8Array(0) }) }, transport('SESSION')),
    row('newer versions only', { versions: { min: 19, max: 20 } }, transport('VERSION')),
    row('older versions only', { versions: { min: 4, max: 5 } }, transport('VERSION')),
    row('versions it was told not to use', {}, transport('VERSION'), { versions: { min: 19, max: 20 } }),
    row('a relay that cannot be proxied to', { versions: { min: 6, max: 13 } }, transport('VERSION'), { versions: { min: 11, max: 18 }, proxyServer: true }),
    row('another relay’s chain', { hello: (hello) => ({ ...hello, key: { ...hello.key!, chain: otherCredentials.chain } }) }, transport('HANDSHAKE IDENTITY')),
    row('a chain of one', { hello: (hello) => ({ ...hello, key: { ...hello.key!, chain: relayCredentials.chain.slice(1) } }) }, transport('HANDSHAKE IDENTITY')),
    row('a key that another key signed', { hello: (hello) => ({ ...hello, key: { ...hello.key!, signedKey: signedKey(generateKeyPair('x25519').publicKey, otherCredentials.privateKey) } }) }, transport('HANDSHAKE BAD_AUTH')),
    row('a key of low order', { hello: (hello) => ({ ...hello, key: { ...hello.key!, signedKey: signedKey({ kind: 'x25519', raw: new Uint8Array(32) }) } }) }, transport('HANDSHAKE BAD_AUTH')),
    row('a service it was refused', { service: { error: 'HANDSHAKE BAD_SERVICE' } }, transport('HANDSHAKE BAD_SERVICE'), asNotifier),
    row('a service answer it does not know', { service: { error: 'WHAT' } }, transport('HANDSHAKE BAD_SERVICE'), asNotifier),
  ])('$name', async ({ script, broker, options }) => {
    expect(await refusal(script, options)).toEqual(broker);
  });

  it('a key signed by the chain in the hello, but not by the leaf of TLS', async () => {
    const sameCa = [otherCredentials.chain[0]!, relayCredentials.chain[1]!];
    expect(await refusal({}, {}, sameCa)).toEqual(transport('HANDSHAKE BAD_AUTH'));
  });

  it('a hello that is none', async () => {
    const { dial } = dialerTo({}, { intercept: (block, from) => (from === 'server' ? block.fill(0xff) : block) });
    await expect(connectSmp({ address: relayAddress, dial })).rejects.toMatchObject({ code: 'TRANSPORT', broker: transport('HANDSHAKE PARSE') });
  });

  it('to wait for ever', async () => {
    const clock = createFakeClock();
    const { dial, sessions } = dialerTo({ silent: true });
    const connecting = connectSmp({ address: relayAddress, dial, clock, connectTimeoutMs: 1_000 });
    const failed = expect(connecting).rejects.toMatchObject({ code: 'TIMEOUT' });
    await turns();
    clock.advance(999);
    await turns();
    expect(sessions).toHaveLength(1);
    clock.advance(1);
    await failed;
    expect(clock.pending).toBe(0);
  });

  it('when the relay hangs up', async () => {
    const { dial, sessions } = dialerTo({ silent: true });
    const connecting = connectSmp({ address: relayAddress, dial });
    await turns();
    sessions[0]!.connection.destroy('error');
    await expect(connecting).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('when told to give up', async () => {
    const aborter = new AbortController();
    const { dial } = dialerTo({ silent: true });
    const connecting = connectSmp({ address: relayAddress, dial, signal: aborter.signal });
    await turns();
    aborter.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('dialing', () => {
  const refusing = (code: string): Dial => () => Promise.reject(new CodedError(code, 'no'));

  it.each([
    ['NETWORK', 'NETWORK', 'NETWORK'], ['TIMEOUT', 'TIMEOUT', 'TIMEOUT'], ['TLS', 'NETWORK', 'NETWORK'], ['IDENTITY', 'NETWORK', 'NETWORK'], ['HOST', 'HOST', 'HOST'],
    ['ABORTED', 'CLOSED', 'NETWORK'],
  ])('%s', async (dialCode, code, broker) => {
    const connecting = connectSmp({ address: relayAddress, dial: refusing(dialCode) });
    await expect(connecting).rejects.toMatchObject({ code, broker: { type: broker }, cause: { code: dialCode } });
  });

  it.each([
    [['a.example', 'b.onion'], {}, 'a.example'],
    [['b.onion', 'a.example'], {}, 'a.example'],
    [['b.onion'], {}, null],
    [['b.onion'], { onionReachable: true }, 'b.onion'],
    [['b.onion'], { onionReachable: true, required: true }, null],
    [['a.example', 'b.onion'], { mode: 'onion', onionReachable: true }, 'b.onion'],
    [['a.example', 'b.onion'], { mode: 'onion' }, 'a.example'],
    [['a.example', 'b.onion'], { mode: 'onion', required: true }, null],
    [['a.example'], { mode: 'onion', onionReachable: true, required: true }, null],
  ] as const)('of %j with %j uses %s', async (hosts, choice, expected) => {
    const seen: string[] = [];
    const dial: Dial = ({ host, port }) => {
      seen.push(`${host}:${port}`);
      return Promise.reject(new CodedError('NETWORK', 'enough'));
    };
    const connecting = connectSmp({ address: { ...relayAddress, hosts: [...hosts] }, dial, hosts: choice });
    await expect(connecting).rejects.toMatchObject({ code: expected === null ? 'HOST' : 'NETWORK' });
    expect(seen).toEqual(expected === null ? [] : [`${expected}:5223`]);
  });

  it('uses the port of the address', async () => {
    const dial: Dial = ({ port }) => Promise.reject(new CodedError('NETWORK', String(port)));
    await expect(connectSmp({ address: { ...relayAddress, port: '443' }, dial })).rejects.toMatchObject({ cause: { message: '443' } });
    await expect(connectSmp({ address: { ...relayAddress, port: '99999' }, dial })).rejects.toMatchObject({ code: 'HOST' });
  });
});
