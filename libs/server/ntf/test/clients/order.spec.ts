/** The order of one connection's commands (NTF §1.5): a step on a token happens after all before it and ahead of all behind it. */
import type { NtfCommand } from '@polyplex/protocol-ntf';
import type { TokenStore } from '@polyplex/store-contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandOrder } from '../../src/sessions/command-order.ts';
import { activeToken, codeOf, register, snew, subscribe } from './support/device.ts';
import { startProxy, type TestProxy } from './support/proxy.ts';
import { RawClient, said, type Sent } from './support/raw-client.ts';

/** Steps that the store holds back until `release`, by their name. */
const held: { readonly name: string; readonly go: () => void }[] = [];
let holding = false;

function holdable(store: TokenStore): TokenStore {
  return new Proxy(store, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const call = (): unknown => (value as (...given: unknown[]) => unknown).apply(target, args);
        if (!holding) return call();
        return new Promise<void>((resolve) => held.push({ name: String(name), go: resolve })).then(call);
      };
    },
  });
}

let proxy: TestProxy;
let client: RawClient;
beforeAll(async () => {
  proxy = await startProxy({ around: holdable, options: { commandsInFlight: 1000 } });
  client = await RawClient.connect(proxy);
});
afterAll(async () => {
  client.close();
  await proxy.stop();
});

const asks = (...requests: readonly [NtfCommand, Sent][]): void => client.send(...requests.map(([command, sent]) => client.transmission(command, sent)));
const answers = async (count: number): Promise<string[]> => {
  const all: string[] = [];
  while (all.length < count) all.push(said((await client.next()).reply));
  return all;
};
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('what is said at once', () => {
  it('TVFY, then SNEW: the token is ACTIVE by then', async () => {
    const token = await register(client);
    const code = await codeOf(proxy.store, token);
    asks([snew(token), { key: token.sent.key }], [{ tag: 'TVFY', code }, token.sent], [snew(token), { key: token.sent.key }], [{ tag: 'TCHK' }, token.sent]);
    expect(await answers(4)).toEqual(['ERR AUTH', 'OK', 'IDSUB', 'TKN ACTIVE']);
  });

  it('SDEL, then SNEW of the same notifier: a new subscription', async () => {
    const token = await activeToken(client, proxy.store);
    const command = snew(token);
    const entityId = await subscribe(client, token, command);
    asks([{ tag: 'SDEL' }, { ...token.sent, entityId }], [command, { key: token.sent.key }], [{ tag: 'SCHK' }, { ...token.sent, entityId }]);
    const [removed, created, checked] = [await client.next(), await client.next(), await client.next()];
    expect([said(removed.reply), said(checked.reply)]).toEqual(['OK', 'ERR AUTH']);
    if (created.reply.tag !== 'IDSUB') throw new Error(said(created.reply));
    expect(created.reply.subscriptionId).not.toEqual(entityId);
  });

  it('TDEL waits for what came before and holds what comes after', async () => {
    const token = await activeToken(client, proxy.store);
    const commands = Array.from({ length: 5 }, (): [NtfCommand, Sent] => [snew(token), { key: token.sent.key }]);
    asks(...commands, [{ tag: 'TDEL' }, token.sent], [snew(token), { key: token.sent.key }]);
    expect(await answers(7)).toEqual(['IDSUB', 'IDSUB', 'IDSUB', 'IDSUB', 'IDSUB', 'OK', 'ERR AUTH']);
  });
});

it('subscriptions run side by side: none waits for another\'s step', async () => {
  const token = await activeToken(client, proxy.store);
  holding = true;
  asks(...Array.from({ length: 20 }, (): [NtfCommand, Sent] => [snew(token), { key: token.sent.key }]), [{ tag: 'TCHK' }, token.sent]);
  while (held.length < 20) await settled();
  await settled();
  expect(held.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, () => 'findToken'));
  holding = false;
  for (const { go } of held.splice(0)) go();
  expect(await answers(21)).toEqual([...Array.from({ length: 20 }, () => 'IDSUB'), 'TKN ACTIVE']);
});

it('each runs when it is its turn', async () => {
  const order = new CommandOrder();
  const done: string[] = [];
  const task = (name: string) => (): Promise<void> => Promise.resolve().then(() => void done.push(name));
  await Promise.all([order.run('SNEW', task('a')), order.run('TCHK', task('b')), order.run('PING', task('c')), order.run('TDEL', task('d')), order.run('SCHK', task('e'))]);
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
});
