/** What commands count (NTF §6.3): by the reference's names, and without devices that are none. */
import { systemClock, utf8 } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import { expect, it } from 'vitest';
import { NtfStats, referenceCounters } from '../../src/index.ts';
import { activeToken, newApp, newDevice, register, snew, subscribe, verify } from './support/device.ts';
import { connectInMemory, memoryCredentials } from './support/memory.ts';
import { createProxy } from './support/proxy.ts';
import { said } from './support/raw-client.ts';

const counted = (stats: NtfStats): Record<string, number> => Object.fromEntries(Object.entries(referenceCounters(stats)).filter(([, value]) => value > 0));

it('devices and subscriptions', async () => {
  const { server, store, stats } = createProxy(memoryCredentials);
  const { client } = await connectInMemory(server);
  const device = newDevice();
  const first = await activeToken(client, store, newApp('ed25519', device));
  expect(counted(stats)).toEqual({ tknCreated: 1, tknVerified: 1, ntfVrfQueued: 1 });
  const command = snew(first);
  const entityId = await subscribe(client, first, command);
  await subscribe(client, first, command);
  await subscribe(client, first);
  expect(counted(stats)).toMatchObject({ subCreated: 2 });
  await client.ask({ tag: 'SDEL' }, { ...first.sent, entityId });
  expect(counted(stats)).toMatchObject({ subCreated: 2, subDeleted: 1 });

  await register(client, first);
  expect(counted(stats)).toMatchObject({ tknCreated: 1, ntfVrfQueued: 2 });
  const second = await register(client, newApp('ed25519', device));
  await verify(client, store, second);
  expect([stats.tokensSuperseded.value, stats.subscriptionsDropped.value]).toEqual([1, 1]);
  await client.ask({ tag: 'TRPL', device: newDevice() }, second.sent);
  await client.ask({ tag: 'TDEL' }, second.sent);
  expect(counted(stats)).toEqual({ tknCreated: 2, tknVerified: 2, tknReplaced: 1, tknDeleted: 1, ntfVrfQueued: 4, subCreated: 2, subDeleted: 1 });
});

it('no device counts nowhere', async () => {
  const { server, store, stats } = createProxy(memoryCredentials);
  const { client } = await connectInMemory(server);
  const token = await activeToken(client, store, newApp('ed25519', { provider: 'apns_null', token: utf8('test_ntf_token') }));
  expect(said(await client.ask({ tag: 'TRPL', device: { provider: 'apns_null', token: utf8('x') } }, token.sent))).toBe('OK');
  expect(said(await client.ask({ tag: 'TDEL' }, token.sent))).toBe('OK');
  expect(counted(stats)).toEqual({});
});

it('commands, errors and refusals', async () => {
  const { server, store, stats } = createProxy(memoryCredentials);
  const { client } = await connectInMemory(server);
  const token = await activeToken(client, store);
  await client.ask({ tag: 'PING' });
  await client.ask({ tag: 'TCHK' }, { ...token.sent, key: generateKeyPair('ed25519').privateKey });
  await client.ask(utf8('HELLO'));
  expect(Object.fromEntries(stats.commands.values)).toEqual({ TNEW: 1, TVFY: 1, PING: 1, TCHK: 1 });
  expect(Object.fromEntries(stats.errors.values)).toEqual({ AUTH: 1, CMD: 1 });
  expect(stats.commandSeconds.of('TNEW').count).toBe(1);
  expect(stats.blockSeconds.decrypt.count).toBe(5);
  client.close();
});

it('notifications in all and by relays of the same operator', () => {
  const { received } = new NtfStats(systemClock);
  received.count(null);
  received.count('smp.own.example', 3);
  received.count('smp.own.example');
  expect([received.value, ...received.own.values]).toEqual([5, ['smp.own.example', 4]]);
});
