/** Short links over a real relay (agent §2.4, §2.5). */
import { openSmpRelays } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import { createQueue } from '@polyplex/client';
import { generateKeyPair } from '@polyplex/crypto';
import { AGENT_VERSIONS, authorizeOwner, contactLinkKeys, formatLink, formatShortLink, parseLink, sameLink, sealLinkData, type ShortLink } from '@polyplex/protocol-agent';
import { parseAddress } from '@polyplex/protocol-common';
import { expect, test } from 'vitest';
import { introduced, TestAgent } from './support/test-agent.ts';
import { withRelays } from './support/with-relays.ts';

const { relays, agent } = withRelays();

const text = (link: ShortLink | null): string => formatShortLink(link!, 'simplex');

async function meet(a: TestAgent, b: TestAgent): Promise<void> {
  const { offerId } = await a.next('confirmation');
  await a.agent.allow(offerId, utf8('a'));
  await Promise.all([a.next('connected'), b.next('connected')]);
}

test.each([[true], [false]])('an invitation behind a short link is opened once, and joined with the key that it was opened with; post-quantum: %s', async (postQuantum) => {
  const [a, b, c] = [agent(), agent(), agent()];
  const { connectionId: atA, link, request } = await a.agent.createInvitation({ userData: utf8('who a is'), postQuantum });
  expect(a.agent.shortLink(atA)).toEqual(link);
  const opened = await b.agent.openShortLink(text(link));
  expect(opened).toMatchObject({ request, userData: utf8('who a is'), isDirect: true, relays: [] });

  await expect(c.agent.openShortLink(text(link))).rejects.toMatchObject({ code: 'NOT_AVAILABLE' });
  // The answer may have been lost, and the process ended.
  b.restart();
  expect(await b.agent.openShortLink(text(link))).toEqual(opened);

  const atB = await b.agent.join(opened, { info: utf8('b'), postQuantum });
  expect(b.store.read((records) => records.list('opened', ''))).toEqual([]);
  expect(b.store.read((records) => records.list('task', '')).map(({ value }) => (value as { task: { do: string } }).task.do)).not.toContain('secure');
  await meet(a, b);
  await a.say(atA, 'to b');
  expect(await b.read()).toEqual({ text: 'to b', verdict: 'ok' });
  await b.say(atB, 'to a');
  expect(await a.read()).toEqual({ text: 'to a', verdict: 'ok' });
  await expect(b.agent.join(opened, { info: utf8('again') })).rejects.toMatchObject({ code: 'UNKNOWN' });
});

test('an address behind a short link is opened by many; what it tells is changed, and the link deleted', async () => {
  const owner = agent();
  const { connectionId, link } = await owner.agent.createAddress({ userData: utf8('hello') });
  for (const visitor of [agent(), agent()]) {
    const opened = await visitor.agent.openShortLink(text(link));
    expect([opened.userData, opened.joinKey]).toEqual([utf8('hello'), null]);
    await visitor.agent.join(opened, { info: utf8('me') });
    const { offerId } = await owner.next('request');
    await owner.agent.accept(offerId, { info: utf8('welcome') });
    await meet(visitor, owner);
  }
  const visitor = agent();
  const told = async (): Promise<Uint8Array> => (await visitor.agent.openShortLink(text(link))).userData;
  await owner.agent.setUserData(connectionId, utf8('good bye'));
  await expect.poll(told).toEqual(utf8('good bye'));
  await owner.agent.setUserData(connectionId, new Uint8Array(13_600).fill(7));
  await expect.poll(told).toEqual(new Uint8Array(13_600).fill(7));
  await owner.agent.deleteLink(connectionId);
  await expect.poll(() => told().catch((error: unknown) => (error as { code?: string }).code)).toBe('NOT_AVAILABLE');
  expect(owner.agent.shortLink(connectionId)).toBeNull();
  await expect(owner.agent.setUserData(connectionId, utf8('x'))).rejects.toMatchObject({ code: 'UNKNOWN' });
});

test('a link to a relay whose address is left out is opened where the relay is known, and by nobody else', async () => {
  const { hosts, port, keyHash } = parseAddress(relays[0]!.address)!;
  const owner = agent();
  const { link } = await owner.agent.createAddress({ userData: utf8('hello'), kind: 'g' });
  const short = text({ ...link!, server: { hosts, port: '', keyHash: new Uint8Array() } });
  expect((await owner.agent.openShortLink(short)).request.queues[0]!.server).toEqual({ hosts, port, keyHash });
  const stranger = agent({}, []);
  await expect(stranger.agent.openShortLink(short)).rejects.toMatchObject({ code: 'LINK' });
  await expect(owner.agent.openShortLink(text({ ...link!, server: { hosts, port, keyHash: new Uint8Array() } }))).rejects.toMatchObject({ code: 'LINK' });
});

test('what is not as the link promises is refused', async () => {
  const a = agent();
  await expect(a.agent.openShortLink('simplex:/a#nothing')).rejects.toMatchObject({ code: 'LINK' });
  await expect(a.agent.createAddress({ userData: new Uint8Array(13_800) })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  const { link } = await a.agent.createInvitation({ userData: utf8('a'), postQuantum: false });
  const wrongKey = { ...link!, linkKey: new Uint8Array(32) };
  await expect(a.agent.openShortLink(text(wrongKey))).rejects.toMatchObject({ code: 'LINK', message: expect.stringContaining('decrypt') as unknown });
  // The same relay by a host that the address does not have: its data may be a copy.
  const moved = { ...link!, server: { ...link!.server, hosts: link!.server.hosts.map((host) => (host === 'localhost' ? '127.0.0.1' : 'localhost')) } };
  await expect(a.agent.openShortLink(text(moved))).rejects.toMatchObject({ code: 'LINK', message: expect.stringContaining('different address') as unknown });
});

test('a relay that gives the data of another queue is not believed', async () => {
  const a = agent();
  const { request } = await a.agent.createAddress();
  const { publicKey: rootKey, privateKey } = generateKeyPair('ed25519');
  const sealed = sealLinkData(
    privateKey, { versions: AGENT_VERSIONS, rootKey, request, entityId: null },
    { mode: 'contact', versions: AGENT_VERSIONS, direct: true, owners: [], relays: [], data: utf8('x') },
  );
  const sessions = openSmpRelays({}, () => undefined);
  const { server } = request.queues[0]!;
  const { linkId } = contactLinkKeys(sealed.linkKey);
  await createQueue(await sessions.requester(server), { mode: 'C', password: parseAddress(relays[0]!.address)!.password, link: { linkId, fixedData: sealed.fixed, userData: sealed.user } });
  sessions.close();
  await expect(a.agent.openShortLink(text({ kind: 'a', server, linkKey: sealed.linkKey }))).rejects.toMatchObject({ code: 'LINK', message: expect.stringContaining('different address') as unknown });
});

test('an address that is not contacted directly is told, and not asked', async () => {
  const a = agent();
  const { link } = await a.agent.createAddress({ userData: utf8('x') });
  const opened = await a.agent.openShortLink(text(link));
  await expect(a.agent.join({ ...opened, isDirect: false }, { info: utf8('a') })).rejects.toMatchObject({ code: 'PROHIBITED' });
});

test('a group’s link says so in its data, in both forms, and keeps what it is through changes', async () => {
  const [owner, visitor] = [agent(), agent()];
  const clientData = '{"type":"group","groupLinkId":"AAECAwQFBgcICQoLDA0ODw=="}';
  let stored = '';
  const { connectionId, link, request } = await owner.agent.createAddress({
    userData: utf8('group'), kind: 'g', clientData, isDirect: false,
    also: (step, id, begun) => step.afterwards(() => (stored = `${id} ${formatLink(begun.request)} ${text(begun.link)}`)),
  });
  expect(stored).toBe(`${connectionId} ${formatLink(request)} ${text(link)}`);
  expect(parseLink(formatLink(request))).toMatchObject({ mode: 'contact', clientData });
  const opened = await visitor.agent.openShortLink(text(link));
  expect(opened).toMatchObject({ isDirect: false, request: { clientData } });
  expect([sameLink(formatLink(opened.request, 'https://simplex.chat'), formatLink(request)), link?.kind]).toEqual([true, 'g']);
  await expect(visitor.agent.join(opened, { info: utf8('x') })).rejects.toMatchObject({ code: 'PROHIBITED' });
  await owner.agent.setUserData(connectionId, utf8('changed'));
  await expect.poll(async () => (await visitor.agent.openShortLink(text(link))).userData).toEqual(utf8('changed'));
  expect((await visitor.agent.openShortLink(text(link))).isDirect).toBe(false);
});

test('an address names its owners and relays, and what it leads to; others take their place', async () => {
  const [owner, visitor] = [agent(), agent()];
  const [rootKeys, first, second] = [generateKeyPair('ed25519'), generateKeyPair('ed25519'), generateKeyPair('ed25519')];
  const byRoot = authorizeOwner(rootKeys.privateKey, utf8('first'), first.publicKey);
  const byFirst = authorizeOwner(first.privateKey, utf8('second'), second.publicKey);
  const { hosts, port, keyHash } = parseAddress(relays[0]!.address)!;
  const relay: ShortLink = { kind: 'r', server: { hosts, port, keyHash }, linkKey: new Uint8Array(32).fill(9) };
  const { connectionId, link } = await owner.agent.createAddress({
    kind: 'c', isDirect: false, userData: utf8('hello'), rootKeys, entityId: utf8('what'), owners: [byRoot, byFirst], relays: [relay],
  });
  const opened = await visitor.agent.openShortLink(text(link));
  expect(opened).toMatchObject({ link, rootKey: rootKeys.publicKey, entityId: utf8('what'), owners: [byRoot, byFirst], relays: [relay], isDirect: false });
  await expect(visitor.agent.join(opened, { info: utf8('me') })).rejects.toMatchObject({ code: 'PROHIBITED' });

  // What is said later names the same, unless others are named.
  owner.restart();
  await owner.agent.setUserData(connectionId, utf8('again'));
  const told = async () => {
    const { userData, owners, relays: named } = await visitor.agent.openShortLink(text(link));
    return [userData, owners, named];
  };
  await expect.poll(told).toEqual([utf8('again'), [byRoot, byFirst], [relay]]);
  await owner.agent.setUserData(connectionId, utf8('fewer'), { owners: [byRoot], relays: [] });
  await expect.poll(told).toEqual([utf8('fewer'), [byRoot], []]);

  // The second is authorised by nobody now.
  await owner.agent.setUserData(connectionId, utf8('broken'), { owners: [byFirst, byRoot] });
  await expect.poll(() => told().catch((error: unknown) => error)).toMatchObject({ code: 'LINK' });
});

test('both ends of a connection know what binds to it, and nobody else does', async () => {
  const [a, b, c] = [agent(), agent(), agent()];
  const one = await introduced(a, b);
  const other = await introduced(a, c);
  const bindingOf = (of: TestAgent, connectionId: string) => of.agent.change((step) => step.bindingOf(connectionId));
  const [atA, atB, elsewhere] = [await bindingOf(a, one.atA), await bindingOf(b, one.atB), await bindingOf(a, other.atA)];
  expect(atA).toHaveLength(32);
  expect(atB).toEqual(atA);
  expect(elsewhere).not.toEqual(atA);
  expect(await bindingOf(a, 'nobody')).toBeNull();
});
