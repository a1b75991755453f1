/** What private routing moves, for all relays and for those of the same operator (SMP §9.6 columns 20-40). */
import { connectSmp, openProxySession, type SmpClient, tlsDial } from '@polyplex/client';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { ServerAddress } from '@polyplex/protocol-common';
import type { SmpReply } from '@polyplex/protocol-smp';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type DialRelay, type RelayConnection, RelayFailure, relayDialer } from '../src/index.ts';
import { expectMoves, type Moves } from './support/moved.ts';
import { startRelay, type TestRelay } from './support/relay.ts';

const dial = tlsDial({ allowAddress: () => true });
const real = relayDialer({ dial, allowedPorts: null });

/** A relay that is not as it should be, by the name of its host. */
const odd: Readonly<Record<string, Partial<RelayConnection> | (() => never)>> = {
  'old.example.org': { version: 6, versions: { min: 6, max: 6 } },
  'nameless.example.org': { version: 17, versions: { min: 8, max: 17 }, key: null },
  'gone.example.net': () => { throw new RelayFailure({ type: 'NETWORK' }); },
  'late.example.org': () => { throw new RelayFailure({ type: 'TIMEOUT' }); },
  'odd.example.net': () => { throw new RelayFailure({ type: 'UNEXPECTED', text: 'PONG' }); },
};

const dialRelay: DialRelay = async (address, timeoutMs, signal) => {
  const found = odd[address.hosts[0]!];
  if (found === undefined) return real(address, timeoutMs, signal);
  if (typeof found === 'function') return found();
  const base = { sessionId: randomBytes(32), secret: null, closed: new Promise<void>(() => undefined), close: () => undefined };
  return { ...base, forward: () => Promise.reject(new RelayFailure({ type: 'NETWORK' })), ...found } as RelayConnection;
};

let destination: TestRelay;
let foreign: TestRelay;
let relay: TestRelay;
let client: SmpClient;
beforeAll(async () => {
  destination = await startRelay();
  foreign = await startRelay({ dialRelay: real });
  relay = await startRelay({ dialRelay, options: { password: 'proxy', proxy: { ...PROXY, ownDomains: ['Example.org', '127.0.0.1'] } } });
  client = await connectSmp({ address: relay.address, dial });
});
afterAll(async () => {
  client.close();
  for (const each of [relay, foreign, destination]) await each.stop();
});

const PROXY = { enabled: true, connectTimeoutMs: 5000, commandTimeoutMs: 5000, failureMemoryMs: 0, relays: 100, forwardsPerClient: 32, forwardsPerRelay: 32 };
const commands = (tag: string): Moves => ({ [`command ${tag}`]: 1, [`timed ${tag}`]: 1 });
const prxy = (server: ServerAddress, password = 'proxy', by = client): Promise<SmpReply> => by.request({ tag: 'PRXY', server, password });
const at = (host: string): ServerAddress => ({ hosts: [host], port: '', keyHash: randomBytes(32) });

describe('PRXY', () => {
  const both = (outcome: string): Moves => ({ 'pRelays.requests': 1, [`pRelays.${outcome}`]: 1, 'pRelaysOwn.requests': 1, [`pRelaysOwn.${outcome}`]: 1 });
  const foreignOnly = (outcome: string): Moves => ({ 'pRelays.requests': 1, [`pRelays.${outcome}`]: 1 });
  const failed = { 'error PROXY': 1 };

  test.each<[string, () => Promise<unknown>, Moves]>([
    ['an own relay', () => prxy(destination.address), both('successes')],
    ['the same again', () => prxy(destination.address), both('successes')],
    ['an own relay that is too old', () => prxy(at('old.example.org')), { ...both('errorsCompat'), ...failed }],
    ['an own relay without a key', () => prxy(at('nameless.example.org')), { ...both('errorsCompat'), ...failed }],
    ['an own relay that does not answer', () => prxy(at('late.example.org')), { ...both('errorsConnect'), ...failed }],
    ['a foreign relay that is not there', () => prxy(at('gone.example.net')), { ...foreignOnly('errorsConnect'), ...failed }],
    ['a foreign relay that says something else', () => prxy(at('odd.example.net')), { ...foreignOnly('errorsOther'), ...failed }],
    ['a wrong password', () => prxy(destination.address, 'wrong'), failed],
  ])('%s', (_, act, moves) => expectMoves(relay, act, { ...commands('PRXY'), ...moves }));

  test('a domain is not of another one that ends with its letters', () =>
    expectMoves(relay, () => prxy(at('notexample.org')), { ...commands('PRXY'), ...foreignOnly('errorsConnect'), ...failed }));
});

describe('PFWD', () => {
  const moves = (outcome: string): Moves => ({
    ...commands('PFWD'), 'pMsgFwds.requests': 1, [`pMsgFwds.${outcome}`]: 1, 'pMsgFwdsOwn.requests': 1, [`pMsgFwdsOwn.${outcome}`]: 1,
  });
  const garbage = (session: Uint8Array): Promise<SmpReply> =>
    client.request({ tag: 'PFWD', version: 17, key: generateKeyPair('x25519').publicKey, encTransmission: randomBytes(16_242) }, { entityId: session });

  test('a command that is answered, whatever the answer; the other relay counts it, and the command within', async () => {
    const session = await openProxySession(client, destination.address, { password: 'proxy' });
    const forward = () => session.request({ tag: 'SEND', notify: false, body: randomBytes(10) }, { entityId: randomBytes(24) });
    await expectMoves(relay, forward, moves('successes'));
    await expectMoves(destination, forward, { ...commands('RFWD'), ...commands('SEND'), pMsgFwdsRecv: 1, msgSentAuth: 1, 'error AUTH': 1 });
  });

  test('an error of the other relay itself was routed well', async () => {
    const { relaySessionId } = await openProxySession(client, destination.address, { password: 'proxy' });
    await expectMoves(relay, () => garbage(relaySessionId), { ...moves('successes'), 'error PROXY': 1 });
  });

  test('a relay that is not one of ours', async () => {
    const through = await connectSmp({ address: foreign.address, dial });
    const session = await openProxySession(through, destination.address);
    const forward = () => session.request({ tag: 'LGET' }, { entityId: randomBytes(24) });
    await expectMoves(foreign, forward, { ...commands('PFWD'), 'pMsgFwds.requests': 1, 'pMsgFwds.successes': 1 });
    through.close();
  });

  test('a session that is not known', () =>
    expectMoves(relay, () => garbage(randomBytes(32)), { ...commands('PFWD'), 'pMsgFwds.requests': 1, 'pMsgFwds.errorsConnect': 1, 'error PROXY': 1 }));
});
