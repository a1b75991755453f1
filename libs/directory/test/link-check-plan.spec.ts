/** When links of channels are read again (directory §3.8): each in its turn, some at a time, also after a restart. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_CHECKS_BEGUN } from '../src/channels/link-check-plan.ts';
import { Directory } from '../src/directory.ts';
import { begin, check, due, HOUR_MS, sceneIn } from './support/channel-scene.ts';
import { FakeChannel } from './support/channels.ts';

describe('a link is read', () => {
  test('an hour after it was, again and again, without a signature', () => {
    const { bot, news } = sceneIn('active');
    bot.pass(HOUR_MS - 1000);
    expect(check(bot)).toEqual([]);
    bot.pass(1000);
    check(bot);
    expect(bot.lookUps).toEqual([{ link: news.now.link, about: 'check 1', isSigned: false }]);
    news.isRead({ verdict: 'none' });
    expect(check(bot)).toEqual([]);
    due(bot);
  });

  test('from when the channel waits for approval, not before', () => {
    const { bot, news } = sceneIn('proposed');
    bot.restart();
    bot.pass(10 * HOUR_MS);
    expect(check(bot)).toEqual([]);
    expect(bot.records.size('link-check')).toBe(0);
    news.announced();
    bot.pass(HOUR_MS);
    expect(check(bot)).toEqual(['check 1']);
  });

  test('not where it is off, and not of groups', () => {
    const { bot, alice, bob } = begin({ linkCheckMs: 0 });
    new FakeChannel(bob, 'News').registered().approvedBy(alice);
    bob.registers('Group').approvedBy(alice);
    bot.pass(10 * HOUR_MS);
    bot.restart();
    expect(check(bot)).toEqual([]);
    expect(bot.records.size('link-check')).toBe(0);
    const other = new Directory({ ...bot.options, linkCheckMs: HOUR_MS });
    bot.run((step) => other.load(step));
    expect(bot.records.size('link-check')).toBe(1);
  });

  test('while one is not answered: not again, but for an hour and more', () => {
    const { bot, bob } = begin({ linkCheckMs: HOUR_MS / 4 });
    const news = new FakeChannel(bob, 'News').registered();
    const rounds = [1, 1, 1, 1, 2, 2].map((begun) => {
      bot.pass(HOUR_MS / 4);
      return [check(bot).length, begun];
    });
    for (const [begun, expected] of rounds) expect(begun).toBe(expected);
    news.isRead({ verdict: 'none' });
    bot.pass(HOUR_MS / 4);
    expect(check(bot)).toHaveLength(2);
  });

  test('when it is due, also after a restart; a shorter interval counts at once', () => {
    const { bot } = sceneIn('active');
    bot.restart();
    bot.pass(HOUR_MS - 1000);
    expect(check(bot)).toEqual([]);
    const sooner = new Directory({ ...bot.options, linkCheckMs: 60_000 });
    const before = bot.records.list('link-check', '')[0]!.value as { dueAt: number };
    bot.pass(-HOUR_MS / 2);
    bot.run((step) => sooner.load(step));
    const after = bot.records.list('link-check', '')[0]!.value as { dueAt: number };
    expect(after.dueAt).toBeLessThan(before.dueAt);
    expect(after.dueAt - bot.state.now).toBeLessThanOrEqual(60_000);
    expect(bot.records.size('link-check-due')).toBe(1);
  });

  test('at once where an operator wants it: each once, then as ever; not where it is off, nor of groups and who is gone', () => {
    const { bot, alice, bob } = begin();
    const hurry = () => bot.run((step) => bot.directory.hurryLinkChecks(step));
    bob.registers('Group').approvedBy(alice);
    const [, , gone] = ['News', 'Other news', 'Gone', 'Deleted'].map((name) => new FakeChannel(bob, name).registered().approvedBy(alice));
    bot.tell({ type: 'member-left', group: gone!.group, member: bot.state.setMember(gone!.member, { status: 'left' }) });
    bob.says('/delete 5:Deleted');
    expect(check(bot)).toEqual([]);
    expect([hurry(), hurry()]).toEqual([2, 2]);
    for (const _ of [1, 2]) expect(check(bot)).toEqual(['check 2', 'check 3']);
    expect(bot.records.size('link-check-due')).toBe(bot.records.size('link-check'));
    const off = new Directory({ ...bot.options, linkCheckMs: 0 });
    bot.run((step) => off.load(step));
    expect(bot.run((step) => off.hurryLinkChecks(step))).toBeNull();
  });

  test('at once when no relay is left', () => {
    const { bot, news } = sceneIn('active');
    bot.tell({ type: 'channel-unreachable', group: news.group });
    expect(check(bot)).toEqual(['check 1']);
  });

  test('some at a time, those first that have waited for longest, none left out', () => {
    const { bot, bob, alice } = begin({ maxRegistrations: 100 });
    const channels = Array.from({ length: 12 }, (_, i) => {
      bot.pass(61_000);
      return new FakeChannel(bob, `Channel ${'x'.repeat(i)}`).registered();
    });
    alice.heard();
    bot.pass(HOUR_MS);
    const read: string[] = [];
    for (let round = 0; round < 4; round++) {
      expect(check(bot).length).toBeLessThanOrEqual(MAX_CHECKS_BEGUN);
      while (bot.lookUps.length > 0) {
        const { about } = bot.lookUps[0]!;
        read.push(about);
        channels[Number(about.slice('check '.length)) - 1]!.isRead({ verdict: 'none' });
      }
      bot.pass(5000);
    }
    expect(read).toEqual(channels.map(({ groupId }) => `check ${groupId}`));
  });

  test('of who is removed or deleted no more', () => {
    for (const end of ['removed', 'deleted'] as const) {
      const { bot, bob } = sceneIn(end === 'removed' ? 'removed' : 'active');
      if (end === 'deleted') bob.says('/delete 1:News');
      bot.pass(HOUR_MS);
      expect(check(bot)).toEqual([]);
      expect(bot.records.size('link-check') + bot.records.size('link-check-due')).toBe(0);
    }
  });
});

test('a plan that is made anew is spread over the interval, and nothing is due before now or after it', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 60_000, max: 7 * 24 * HOUR_MS }), (count, intervalMs) => {
    const { bot, bob } = begin({ linkCheckMs: 0, maxRegistrations: 100 });
    for (let i = 0; i < count; i++) {
      bot.pass(1_900_000);
      new FakeChannel(bob, `Channel ${'x'.repeat(i)}`).registered();
    }
    const planned = new Directory({ ...bot.options, linkCheckMs: intervalMs });
    bot.run((step) => planned.load(step));
    const times = bot.records.list('link-check', '').map(({ value }) => (value as { dueAt: number }).dueAt - bot.state.now).sort((a, b) => a - b);
    expect(times).toHaveLength(count);
    expect(times[0]).toBeGreaterThanOrEqual(0);
    expect(times.at(-1)).toBeLessThan(intervalMs);
    const bounds = [0, ...times, intervalMs];
    const gaps = bounds.slice(1).map((time, at) => time - bounds[at]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.ceil((2.7 * intervalMs) / Math.max(count, 3)) + 1);
  }), { numRuns: 20 });
});
