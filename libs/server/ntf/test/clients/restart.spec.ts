/** What was answered outlives the process (NTF §6.1): a device's life over restarts, on the embedded engine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTokenStore } from '@polyplex/store-embedded';
import { afterAll, expect, it } from 'vitest';
import { newApp, newDevice, register, snew, subscribe, type Token, verify } from './support/device.ts';
import { startProxy } from './support/proxy.ts';
import { RawClient, said } from './support/raw-client.ts';

const folder = await mkdtemp(join(tmpdir(), 'polyplex-ntf-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One life of the process. */
async function life<T>(use: (client: RawClient, parts: Awaited<ReturnType<typeof startProxy>>) => Promise<T>): Promise<T> {
  const proxy = await startProxy({ store: await openTokenStore({ path: folder }) });
  const client = await RawClient.connect(proxy);
  try {
    return await use(client, proxy);
  } finally {
    client.close();
    await proxy.stop();
  }
}

it('between all steps', async () => {
  const app = newApp('x25519');
  const token: Token = await life((client) => register(client, app));
  const check = (client: RawClient): Promise<string> => client.ask({ tag: 'TCHK' }, token.sent).then(said);
  await life(async (client, { store }) => {
    expect(await check(client)).toBe('TKN REGISTERED');
    expect((await register(client, app)).secret).toEqual(token.secret);
    expect(said(await verify(client, store, token))).toBe('OK');
  });
  const command = snew(token);
  const entityId = await life(async (client, { store }) => {
    expect(said(await verify(client, store, token)), 'the answer was lost').toBe('OK');
    expect(said(await client.ask({ tag: 'TCRN', minutes: 20 }, token.sent))).toBe('OK');
    return subscribe(client, token, command);
  });
  await life(async (client) => {
    expect(await subscribe(client, token, command)).toEqual(entityId);
    expect(said(await client.ask({ tag: 'SCHK' }, { ...token.sent, entityId }))).toBe('SUB NEW');
    expect(said(await client.ask({ tag: 'TRPL', device: newDevice() }, token.sent))).toBe('OK');
  });
  await life(async (client, { store }) => {
    expect(await check(client)).toBe('TKN REGISTERED');
    expect((await store.findToken(token.tokenId))!.cronMinutes).toBe(20);
    expect(said(await client.ask({ tag: 'TDEL' }, token.sent))).toBe('OK');
  });
  await life(async (client, { store }) => {
    expect(await check(client)).toBe('ERR AUTH');
    expect(await store.counts()).toMatchObject({ tokens: 0, subscriptions: 0, due: 0 });
  });
});
