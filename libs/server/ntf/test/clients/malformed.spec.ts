/** What bad input gets, row by row (NTF §7), on one connection that stays. */
import { concatBytes, EMPTY_BYTES, utf8 } from '@polyplex/base';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { encodeCommand, type NtfCommand } from '@polyplex/protocol-ntf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeToken, newApp, snew, tnew, type Token } from './support/device.ts';
import { startProxy, type TestProxy } from './support/proxy.ts';
import { RawClient, type Received, said, type Sent } from './support/raw-client.ts';

let proxy: TestProxy;
let client: RawClient;
let old: RawClient;
let token: Token;
beforeAll(async () => {
  proxy = await startProxy();
  client = await RawClient.connect(proxy);
  old = await RawClient.connect({ ...proxy, version: 1 });
  token = await activeToken(client, proxy.store);
});
afterAll(async () => {
  client.close();
  old.close();
  await proxy.stop();
});

const CORR = utf8('abcd');
const KEY = generateKeyPair('ed25519').privateKey;
const ping = (): Uint8Array => client.transmission({ tag: 'PING' }, { corrId: CORR });
const summary = ({ reply, corrId, entityId }: Received): string => `${said(reply)}, corrId ${String(corrId.length)}, entity ${String(entityId.length)}`;
const item = (bytes: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes);
const batch = (count: number, ...parts: readonly Uint8Array[]): Uint8Array => concatBytes(Uint8Array.of(count), ...parts);

/** The connection still answers, and had nothing else to say. */
async function stays(on = client): Promise<void> {
  expect(said(await on.ask({ tag: 'PING' }))).toBe('PONG');
}

describe('blocks', () => {
  it.each<[string, () => Uint8Array]>([
    ['no content', () => EMPTY_BYTES],
    ['count 0', () => batch(0, item(ping()))],
    ['count 2 of one', () => batch(2, item(ping()))],
    ['a length beyond the end', () => batch(1, Uint8Array.of(1, 0), ping())],
    ['a length cut short', () => batch(2, item(ping()), Uint8Array.of(0))],
    ['bytes after the last transmission', () => batch(1, item(ping()), Uint8Array.of(0))],
  ])('%s: one ERR BLOCK, corrId and entity empty', async (_, content) => {
    client.sendContent(content());
    expect(summary(await client.next())).toBe('ERR BLOCK, corrId 0, entity 0');
    await stays();
  });

  it.each([511, 512, 0xffff])('a padding length of %i: one ERR BLOCK', async (length) => {
    client.connection.write(concatBytes(Uint8Array.of(length >> 8, length & 255), new Uint8Array(510)));
    expect(summary(await client.next())).toBe('ERR BLOCK, corrId 0, entity 0');
    old.connection.write(concatBytes(Uint8Array.of(length >> 8, length & 255), new Uint8Array(510)));
    expect(summary(await old.next())).toBe('ERR BLOCK, corrId 0, entity 0');
    await stays();
    await stays(old);
  });

  it('one transmission of a batch that cannot be split: ERR BLOCK for it, the others run', async () => {
    client.sendBatch([ping(), Uint8Array.of(64, 1, 2), ping()]);
    expect((await client.nextBlock()).map(summary)).toEqual(['PONG, corrId 4, entity 0', 'ERR BLOCK, corrId 0, entity 0', 'PONG, corrId 4, entity 0']);
  });

  it('an empty transmission', async () => {
    client.sendBatch([EMPTY_BYTES]);
    expect(summary(await client.next())).toBe('ERR BLOCK, corrId 0, entity 0');
    old.sendContent(EMPTY_BYTES);
    expect(summary(await old.next())).toBe('ERR BLOCK, corrId 0, entity 0');
  });

  it('in version 1 a batch is a transmission that cannot be split', async () => {
    old.sendContent(batch(1, item(ping())));
    expect(said((await old.next()).reply)).toMatch(/^ERR (BLOCK|SESSION)$/);
    await stays(old);
  });
});

describe('transmissions', () => {
  it.each([1, 63, 65, 79, 81, 113, 115, 255])('an authorisation of %i bytes: ERR BLOCK with corrId', async (length) => {
    const answer = await client.askAll({ tag: 'TCHK' }, { entityId: token.tokenId, corrId: CORR, auth: new Uint8Array(length) });
    expect(summary(answer)).toBe('ERR BLOCK, corrId 4, entity 0');
  });

  it.each([['another', randomBytes(32)], ['none', EMPTY_BYTES], ['a shorter', randomBytes(12)]])('version 1 with %s session id: ERR SESSION', async (_, sessionId) => {
    expect(summary(await old.askAll({ tag: 'PING' }, { corrId: CORR, sessionId }))).toBe('ERR SESSION, corrId 4, entity 0');
  });

  it.each([0, 1, 24, 255])('a corrId of %i bytes comes back', async (length) => {
    const corrId = randomBytes(length);
    expect((await client.askAll({ tag: 'PING' }, { corrId })).corrId).toEqual(corrId);
  });

  it('ids so long that no answer fits with them', async () => {
    client.send(client.transmission(utf8('X'), { corrId: randomBytes(250), entityId: randomBytes(250) }));
    expect(summary(await client.next())).toBe('ERR BLOCK, corrId 250, entity 0');
    await stays();
  });
});

const changed = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 20 ? byte ^ 1 : byte));
const authorized: Sent = { auth: new Uint8Array(64) };
const onEntity: Sent = { entityId: utf8('1234') };

describe('commands', () => {
  const app = newApp();
  it.each<[string, Uint8Array, Sent, string]>([
    ['HELLO', utf8('HELLO'), onEntity, 'CMD UNKNOWN, corrId 4, entity 4'],
    ['lower case', utf8('tchk'), authorized, 'CMD UNKNOWN, corrId 4, entity 0'],
    ['nothing', EMPTY_BYTES, {}, 'CMD UNKNOWN, corrId 4, entity 0'],
    ['OK', utf8('OK'), onEntity, 'CMD UNKNOWN, corrId 4, entity 4'],
    ['IDTKN', utf8('IDTKN'), {}, 'CMD UNKNOWN, corrId 4, entity 0'],
    ['TNEW alone', utf8('TNEW'), authorized, 'CMD SYNTAX, corrId 4, entity 0'],
    ['TNEW with junk', concatBytes(utf8('TNEW '), utf8('x'), encodeCommand(tnew(app)).subarray(5)), authorized, 'CMD SYNTAX, corrId 4, entity 0'],
    ['TNEW with a bad key', changed(encodeCommand(tnew(app))), authorized, 'CMD SYNTAX, corrId 4, entity 0'],
    ['several faults: unknown first', utf8('HELLO x'), { ...onEntity, ...authorized }, 'CMD UNKNOWN, corrId 4, entity 4'],
    ['several faults: syntax before credentials', utf8('TNEW x'), onEntity, 'CMD SYNTAX, corrId 4, entity 4'],
  ])('%s: %s', async (_, command, sent, expected) => {
    expect(summary(await client.askAll(command, { corrId: CORR, ...sent }))).toBe(`ERR ${expected}`);
  });

  const both: Sent = { ...onEntity, ...authorized };
  const device = { provider: 'apns_prod', token: utf8('abcd') } as const;
  it.each<[NtfCommand, Sent, string]>([
    [tnew(app), {}, 'NO_AUTH'], [tnew(app), onEntity, 'NO_AUTH'], [tnew(app), { ...authorized, entityId: utf8('12345678') }, 'HAS_AUTH'],
    [snew({ tokenId: randomBytes(24) }), {}, 'NO_AUTH'], [snew({ tokenId: randomBytes(24) }), both, 'HAS_AUTH'],
    [{ tag: 'PING' }, authorized, 'HAS_AUTH'], [{ tag: 'PING' }, onEntity, 'HAS_AUTH'], [{ tag: 'PING' }, both, 'HAS_AUTH'],
    ...[
      { tag: 'TVFY', code: randomBytes(32) }, { tag: 'TCHK' }, { tag: 'TRPL', device }, { tag: 'TDEL' }, { tag: 'TCRN', minutes: 5 }, { tag: 'SCHK' }, { tag: 'SDEL' },
    ].flatMap((command) => [{}, authorized, onEntity].map((sent): [NtfCommand, Sent, string] => [command as NtfCommand, sent, 'NO_AUTH'])),
  ])('%o with %o: CMD %s', async (command, sent, error) => {
    expect(said((await client.askAll(command, { corrId: CORR, ...sent })).reply)).toBe(`ERR CMD ${error}`);
  });

  it.each<[string, Sent]>([
    ['a wrong signature', { auth: new Uint8Array(64) }],
    ['a signature of Ed448', { auth: new Uint8Array(114) }],
    ['an authenticator', { auth: new Uint8Array(80) }],
    ['the signature of another key', { key: KEY }],
  ])('%s: AUTH', async (_, sent) => {
    for (const command of [{ tag: 'TCHK' }, { tag: 'TDEL' }, { tag: 'TCRN', minutes: 5 }, { tag: 'TVFY', code: randomBytes(32) }] as const) {
      expect(summary(await client.askAll(command, { corrId: CORR, entityId: token.tokenId, ...sent }))).toBe('ERR AUTH, corrId 4, entity 24');
    }
    expect(said(await client.ask({ tag: 'TCHK' }, token.sent))).toBe('TKN ACTIVE');
  });

  it('a signature over another command, corrId, entity or session: AUTH', async () => {
    const good = client.transmission({ tag: 'TCHK' }, { ...token.sent, corrId: CORR });
    const auth = good.subarray(1, 65);
    const bad: readonly [NtfCommand, Sent][] = [
      [{ tag: 'TDEL' }, { corrId: CORR }], [{ tag: 'TCHK' }, { corrId: utf8('abce') }],
    ];
    for (const [command, sent] of bad) expect(said(await client.ask(command, { entityId: token.tokenId, ...sent, auth }))).toBe('ERR AUTH');
    const other = await RawClient.connect(proxy);
    expect(said(await other.ask({ tag: 'TCHK' }, { entityId: token.tokenId, corrId: CORR, auth }))).toBe('ERR AUTH');
    other.close();
    client.send(good);
    expect(said((await client.next()).reply)).toBe('TKN ACTIVE');
  });

  it('an authenticator with a corrId that is not 24 bytes', async () => {
    const second = await activeToken(client, proxy.store, newApp('x25519'));
    for (const length of [0, 4, 24, 40]) expect(said(await client.ask({ tag: 'TCHK' }, { ...second.sent, corrId: randomBytes(length) }))).toBe('TKN ACTIVE');
  });

  it('SNEW to a relay or queue that does not exist: accepted', async () => {
    const command = snew(token, { relay: { hosts: ['no.such.relay.invalid'], port: '1', keyHash: randomBytes(32) } });
    expect(said(await client.ask(command, { key: token.sent.key }))).toBe('IDSUB');
  });
});

it('what was refused was counted by its error', () => {
  const { errors } = proxy.stats;
  for (const type of ['BLOCK', 'SESSION', 'CMD', 'AUTH']) expect(errors.get(type), type).toBeGreaterThan(0);
  expect(proxy.stats.internalErrors.value).toBe(0);
});
