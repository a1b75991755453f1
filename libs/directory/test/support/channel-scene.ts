/** A channel of bob's in any state, with a super-user; notices are read. */
import assert from 'node:assert/strict';
import type { DirectoryOptions } from '../../src/options.ts';
import { Bot } from './bot.ts';
import { type ChannelFields, FakeChannel } from './channels.ts';

export const HOUR_MS = 3_600_000;

export function begin(options: Partial<DirectoryOptions> = {}) {
  const bot = new Bot({ linkCheckMs: HOUR_MS, ...options });
  const [alice, bob, cath] = [bot.person('alice'), bot.person('bob'), bot.person('cath')] as const;
  for (const person of [alice, bob, cath]) person.heard();
  return { bot, alice, bob, cath };
}

export type ChannelState = 'proposed' | 'pending_approval' | 'active' | 'suspended' | 'suspended_bad_roles' | 'removed';

export function sceneIn(state: ChannelState, fields: ChannelFields = { description: 'Daily' }, options: Partial<DirectoryOptions> = {}) {
  const people = begin(options);
  const { bot, alice, bob } = people;
  const news = new FakeChannel(bob, 'News', fields);
  if (state === 'proposed') {
    news.shared();
    news.joined();
  } else {
    news.registered();
    if (state !== 'pending_approval') news.approvedBy(alice);
  }
  if (state === 'suspended') alice.says(`/suspend ${news.groupId}:News`);
  if (state === 'suspended_bad_roles') setRole(news, 'observer');
  if (state === 'removed') {
    const by = news.member;
    bot.tell({ type: 'own-removed', group: bot.state.setOwn(news.groupId, { status: 'removed' }), by });
  }
  alice.heard();
  bob.heard();
  return { ...people, news };
}

export function setRole(news: FakeChannel, role: 'owner' | 'observer'): void {
  const from = news.member.role;
  const member = news.bot.state.setMember(news.member, { role });
  news.bot.tell({ type: 'member-role', group: news.group, member, from, by: member });
}

/** What is being read after links that are due have been begun. */
export function check(bot: Bot): readonly string[] {
  bot.run((step) => bot.directory.checkLinks(step));
  return bot.lookUps.map(({ about }) => about);
}

/** An hour later, the link of the first channel. */
export function due(bot: Bot): void {
  bot.pass(HOUR_MS);
  assert.deepEqual(check(bot), ['check 1']);
}
