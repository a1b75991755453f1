/** The client's default dialer: a session over real TLS on the loopback, of every kind that changes what TLS does (SMP §2, §10.1). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf, generateKeyPair } from '@polyplex/crypto';
import { listenTls, type TlsListener } from '@polyplex/transport-tls';
import { connectSmp } from '../src/index.ts';
import { otherCredentials, relayAddress, relayCredentials, RelaySession, SERVICE_ID, serviceCredentials } from './scripted-relay.ts';

let listener: TlsListener;
const sessions: RelaySession[] = [];

beforeAll(async () => {
  listener = await listenTls({
    endpoints: [{ kind: 'smp', host: '127.0.0.1', port: 0 }],
    credentials: { smp: relayCredentials },
    onConnection: (connection) =>
      sessions.push(
        new RelaySession(connection, {
          versions: connection.alpn === null ? { min: 6, max: 6 } : { min: 6, max: 18 },
          answer: ({ command }) => (command.tag === 'PING' ? { tag: 'PONG' } : { tag: 'OK' }),
        }),
      ),
  });
});

afterAll(() => listener.close({ graceMs: 0 }));

const address = (): typeof relayAddress => ({ ...relayAddress, hosts: ['127.0.0.1'], port: String(listener.endpoints[0]!.port) });
const key = generateKeyPair('ed25519').privateKey;

describe('over TLS', () => {
  it('connects, asks and closes', async () => {
    const client = await connectSmp({ address: address() });
    expect([client.version, client.sessionId.length]).toEqual([18, 32]);
    expect(await client.request({ tag: 'PING' })).toEqual({ tag: 'PONG' });
    const answers = await client.requestBatch(Array.from({ length: 500 }, () => ({ command: { tag: 'SUB' }, entityId: new Uint8Array(24), key })));
    expect(answers.every((answer) => 'tag' in answer && answer.tag === 'OK')).toBe(true);
    client.close();
    expect(await client.closed).toBe('local');
  });

  it('without ALPN speaks version 6', async () => {
    const client = await connectSmp({ address: address(), alpn: null });
    expect(client.version).toBe(6);
    expect(await client.request({ tag: 'PING' })).toEqual({ tag: 'PONG' });
    client.close();
  });

  it('shows a service’s certificate', async () => {
    const credentials = serviceCredentials();
    const client = await connectSmp({ address: address(), service: { role: 'N', credentials } });
    expect(client.service?.serviceId).toEqual(SERVICE_ID);
    expect(sessions.at(-1)!.connection.peerChain).toEqual(credentials.chain);
    client.close();
  });

  it('refuses another relay at the address', async () => {
    const connecting = connectSmp({ address: { ...address(), keyHash: fingerprintOf(otherCredentials.chain)! } });
    await expect(connecting).rejects.toMatchObject({ code: 'NETWORK', cause: { code: 'IDENTITY' } });
  });

  it('says when nobody is there', async () => {
    await expect(connectSmp({ address: { ...address(), port: '1' } })).rejects.toMatchObject({ code: 'NETWORK', broker: { type: 'NETWORK' } });
  });
});
