/** What a whole bot tells its operator over the admin port, while people use it at a real relay: numbers, and nothing of anybody; and administrators who rename. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADMIN_ROUTES, type AnswerOf, type Overview, overviewSchema } from '@polyplex/admin-api';
import { withClients } from '@polyplex/chat/test-support';
import { RealJoiner } from '@polyplex/directory/test-support';
import type { BotNode } from 'directory-bot';
import { expect, test } from 'vitest';
import { withBots } from './support.ts';

const clients = withClients();
const bots = withBots(clients);
const TIMEOUT_MS = 60_000;

async function said({ adminUrl }: BotNode, path: string): Promise<string> {
  const answer = await fetch(new URL(path, adminUrl));
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.text();
}

async function overviewOf(bot: BotNode): Promise<Overview> {
  const text = await said(bot, 'admin/overview');
  const overview = overviewSchema.parse(JSON.parse(text));
  expect(overview).toEqual(JSON.parse(text));
  return overview;
}

async function adminsOf(bot: BotNode): Promise<AnswerOf<'admins'>['admins']> {
  return ADMIN_ROUTES.admins.answer.schema.parse(JSON.parse(await said(bot, 'admin/admins'))).admins;
}

test('tells numbers of what people do with it, and nothing of them', { timeout: TIMEOUT_MS }, async () => {
  const home = await bots.newHome('numbers');
  const bot = await bots.start(home, ['botDirectory.superUsers=1:alice']);
  try {
    const first = await overviewOf(bot);
    expect(first).toMatchObject({
      service: 'bot', node: 'here', version: '1.2.3', address: bot.address, state: 'running', notReady: [], certificates: [],
      counters: { chatEvents: 0, searches: 0, groupsApproved: 0, botFailures: 0, tasksFailed: 0 },
      gauges: { contacts: 0, groupsListed: 0, groupsPending: 0, oldestApprovalSeconds: 0, admins: 1, adminsWithoutRights: 1, ownRelays: 1, ownRelaysConnected: 1, transfers: 0 },
      stores: [{ name: 'records', engine: 'embedded', available: true, shards: [{ name: 'disk', connected: true }] }],
    });
    expect([first.gauges.listingAgeSeconds, first.gauges.storeBytes, first.stores[0]!.roomBytes].every((each) => typeof each === 'number' && each >= 0)).toBe(true);

    const alice = await bots.person('alice', bot);
    const bob = await bots.person('bob', bot);
    await bob.invites({ displayName: 'Privacy' });
    await bob.hearsAll(3);
    const [, command] = await alice.hearsAll(2);
    expect((await overviewOf(bot)).gauges).toMatchObject({ contacts: 2, groups: 1, groupMembers: 2, groupsPending: 1, groupsListed: 0, adminsWithoutRights: 0, admins: 1 });
    await expect.poll(async () => (await overviewOf(bot)).gauges.oldestApprovalSeconds).toBeGreaterThan(0);

    await alice.asks(command!, 2);
    await bob.hearsAll(2);
    const listed = await bob.lists(alice, { displayName: 'PSA' });
    await bob.asks('psa');
    const joiner = await RealJoiner.at(clients.client('dan'), listed.link);
    await joiner.passes();
    const { gauges, counters, latencies, rates } = await overviewOf(bot);
    expect(gauges).toMatchObject({ groupsListed: 2, groupsPending: 0, oldestApprovalSeconds: 0, contacts: 2 });
    expect(counters).toMatchObject({ groupsRegistered: 2, groupsApproved: 2, searches: 1, joinsAsked: 1, joinsAccepted: 1, captchasSent: 1, captchasPassed: 1, captchasFailed: 0, botFailures: 0, adminNoticesLost: 0 });
    expect([counters.chatEvents! > 10, counters.chatMessages! > 10, counters.commands! > 2, rates.chatEvents! > 0, latencies.event!.count > 10, latencies.store!.p99! > 0]).toEqual([true, true, true, true, true, true]);

    const fleet = await said(bot, 'admin/fleet');
    const page = await said(bot, '');
    expect(page).toContain('console/console.js');
    const texts = [JSON.stringify(await overviewOf(bot)), fleet, await said(bot, 'admin/history'), await said(bot, 'metrics'), await said(bot, 'readyz')].join('\n');
    expect(['alice', 'bob', 'dan', 'PSA', 'Privacy', listed.link].filter((secret) => secret !== '' && texts.includes(secret))).toEqual([]);
    expect(texts).toMatch(/^polyplex_bot_own_relays_connected 1$/m);

    // The listing is written anew when it is asked for, whatever became of it.
    const file = join(home, 'bot/web/data/listing.json');
    rmSync(join(home, 'bot/web'), { recursive: true });
    const published = await fetch(new URL('admin/listing', bot.adminUrl), { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    expect(await published.json()).toEqual({ at: expect.any(String), groups: 2 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ entries: [{ displayName: 'Privacy' }, { displayName: 'PSA' }] });
    expect(JSON.parse(await said(bot, 'admin/audit'))).toMatchObject({ entries: [{ action: 'listing', result: 'ok', target: null }] });
    // Where it cannot be written, that is what is said.
    rmSync(join(home, 'bot/web'), { recursive: true });
    await writeFile(join(home, 'bot/web'), 'in the way');
    expect((await fetch(new URL('admin/listing', bot.adminUrl), { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).status).toBe(409);
    expect(existsSync(file)).toBe(false);
  } finally {
    await bot.stop();
  }
});

test('an administrator who renames has no rights until the settings follow, and the operator is told what to put there', { timeout: TIMEOUT_MS }, async () => {
  const home = await bots.newHome('admins');
  const before = await bots.start(home);
  const alice = await bots.person('alice', before);
  const started = async (setting: string): Promise<BotNode> => bots.start(home, [`botDirectory.superUsers=${setting}`, 'botDirectory.adminUsers=7:carl']);
  await before.stop();

  const named = await started('1:alice');
  expect(await adminsOf(named)).toEqual([
    { setting: 'botDirectory.superUsers', entry: '1:alice', state: 'matches', entryNow: null },
    { setting: 'botDirectory.adminUsers', entry: '7:carl', state: 'missing', entryNow: null },
  ]);
  expect(await alice.asks('/last')).toEqual([expect.stringContaining('0 registered')]);
  await alice.client.change((step) => step.setProfile({ displayName: 'alicia', fullName: '' }));
  await expect.poll(async () => (await overviewOf(named)).gauges.adminsWithoutRights, { timeout: TIMEOUT_MS }).toBe(2);
  expect(await alice.asks('/last')).toEqual([expect.stringMatching(/not allowed.*put 1:alicia into/)]);
  expect((await adminsOf(named))[0]).toEqual({ setting: 'botDirectory.superUsers', entry: '1:alice', state: 'renamed', entryNow: '1:alicia' });
  await named.stop();

  // It is known over a restart; a name that never had rights by this number is nobody's.
  const still = await started('1:alice');
  expect((await adminsOf(still))[0]).toMatchObject({ state: 'renamed', entryNow: '1:alicia' });
  await still.stop();
  const other = await started('1:zoe');
  expect((await adminsOf(other))[0]).toEqual({ setting: 'botDirectory.superUsers', entry: '1:zoe', state: 'missing', entryNow: null });
  await other.stop();

  const mended = await started('1:alicia');
  expect((await adminsOf(mended))[0]).toMatchObject({ state: 'matches' });
  expect(await alice.asks('/last')).toEqual([expect.stringContaining('0 registered')]);
  expect((await overviewOf(mended)).gauges).toMatchObject({ admins: 2, adminsWithoutRights: 1 });
  await mended.stop();
});

test('links of channels are not read when asked for, where the settings say never', { timeout: TIMEOUT_MS }, async () => {
  const bot = await bots.start(await bots.newHome('links'), ['botDirectory.linkCheckInterval=0']);
  try {
    const { method, path } = ADMIN_ROUTES.checkLinks;
    const answer = await fetch(new URL(`.${path}`, bot.adminUrl), { method, headers: { 'content-type': 'application/json' }, body: '{}' });
    expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining('botDirectory.linkCheckInterval is 0')]);
    expect(JSON.parse(await said(bot, 'admin/audit'))).toMatchObject({ entries: [{ result: 'refused' }] });
  } finally {
    await bot.stop();
  }
});
