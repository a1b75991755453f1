/** Administrators of the settings, whether they have their rights, and since when owners have waited for them (directory §3.5). */
import { DAY } from '@polyplex/base';
import { describe, expect, test } from 'vitest';
import { Bot, START } from './support/bot.ts';
import type { Person } from './support/people.ts';

const NOT_ALLOWED = 'You are not allowed to use this command.';

/** Its profile and local name. */
function rename(bot: Bot, { contactId }: Person, localName: string): void {
  bot.state.contacts.set(contactId, { ...bot.state.knownContact(contactId), localName });
}

const statesOf = (bot: Bot) => bot.run((step) => bot.directory.admins(step)).map(({ list, contactId, name, state, nameNow }) => [list, `${contactId}:${name}`, state, nameNow]);
const countsOf = (bot: Bot) => bot.run((step) => bot.directory.adminCounts(step));

describe('administrators of the settings', () => {
  test('match, are missing, or have another name than when they had the rights', () => {
    const bot = new Bot({ adminUsers: [{ contactId: 2, name: 'adam' }, { contactId: 3, name: 'carl' }] });
    const [alice, adam, bob] = [bot.person('alice'), bot.person('adam'), bot.person('bob')];
    expect(statesOf(bot)).toEqual([['superUsers', '1:alice', 'matches', null], ['adminUsers', '2:adam', 'matches', null], ['adminUsers', '3:carl', 'missing', null]]);
    bot.restart();
    rename(bot, alice, 'alicia');
    rename(bot, bob, 'robert');
    expect(statesOf(bot)).toEqual([['superUsers', '1:alice', 'renamed', 'alicia'], ['adminUsers', '2:adam', 'matches', null], ['adminUsers', '3:carl', 'missing', null]]);
    expect(countsOf(bot)).toEqual({ admins: 3, withoutRights: 2 });
    expect(alice.says('/last')).toEqual([`${NOT_ALLOWED} You were an administrator under another name: whoever runs this bot has to put 1:alicia into its settings.`]);
    expect(bob.says('/last')).toEqual([NOT_ALLOWED]);
    expect(adam.says('/exec x')).toEqual([NOT_ALLOWED]);
    // Back to the old name, there is nothing to mend.
    rename(bot, alice, 'alice');
    expect([statesOf(bot)[0]![2], alice.says('/last')]).toEqual(['matches', [expect.not.stringContaining(NOT_ALLOWED)]]);
  });

  test('are known from the sweep that follows, without a restart', () => {
    const bot = new Bot();
    const alice = bot.person('alice');
    bot.run((step) => bot.directory.sweep(step));
    rename(bot, alice, 'alicia');
    expect(statesOf(bot)).toEqual([['superUsers', '1:alice', 'renamed', 'alicia']]);
  });

  test('whose rights these records never knew are nobody, whatever the number is called now', () => {
    const bot = new Bot();
    const mallory = bot.person('mallory');
    bot.restart();
    expect(statesOf(bot)).toEqual([['superUsers', '1:alice', 'missing', null]]);
    expect(mallory.says('/last')).toEqual([NOT_ALLOWED]);
  });

  test('who have gone are missing, and the next settings are what counts', () => {
    const bot = new Bot();
    const alice = bot.person('alice');
    bot.restart();
    rename(bot, alice, 'alicia');
    const next = new Bot({ superUsers: [{ contactId: 1, name: 'alicia' }] }, bot);
    next.restart();
    expect(statesOf(next)).toEqual([['superUsers', '1:alicia', 'matches', null]]);
    rename(next, alice, 'ann');
    expect(statesOf(next)[0]!.slice(2)).toEqual(['renamed', 'ann']);
    // By the name that had the rights before the last one, nobody is known.
    expect(statesOf(new Bot({}, next))[0]!.slice(2)).toEqual(['missing', null]);
    next.state.contacts.set(1, { ...next.state.knownContact(1), status: 'deleted' });
    expect(statesOf(next)[0]!.slice(2)).toEqual(['missing', null]);
  });

  test('are counted once each', () => {
    const bot = new Bot({ adminUsers: [{ contactId: 1, name: 'alice' }] });
    bot.person('alice');
    expect(countsOf(bot)).toEqual({ admins: 1, withoutRights: 0 });
  });
});

describe('the longest wait for approval', () => {
  test('begins with the submission, goes on over changes and restarts, and ends with the approval', () => {
    const bot = new Bot();
    const [alice, bob] = [bot.person('alice'), bot.person('bob')];
    expect(bot.directory.oldestPending()).toBeNull();
    const group = bob.registers('PSA');
    bot.pass(DAY);
    const other = bob.registers('Gardening');
    group.changes({ fullName: 'Privacy' });
    expect(bot.directory.oldestPending()).toBe(START);
    bot.restart();
    expect(bot.directory.oldestPending()).toBe(START);
    group.approvedBy(alice);
    expect(bot.directory.oldestPending()).toBe(START + DAY);
    bot.pass(DAY);
    // One that is to be looked at anew waits from then on.
    group.changes({ fullName: 'More of it' });
    other.approvedBy(alice);
    expect(bot.directory.oldestPending()).toBe(START + 2 * DAY);
  });

  test('of a registration that an earlier version wrote begins with it', () => {
    const bot = new Bot();
    bot.person('alice');
    const group = bot.person('bob').registers('PSA');
    bot.run((step) => {
      const [{ key, value }] = step.records.list('registration', '') as [{ key: string; value: object }];
      const { since: _since, ...before } = value as { readonly since: number };
      step.records.put('registration', key, before);
    });
    bot.pass(DAY);
    bot.restart();
    expect(bot.directory.oldestPending()).toBe(START);
    group.changes({ fullName: 'Privacy' });
    expect(bot.directory.oldestPending()).toBe(START);
  });
});
