/** Commands of admins and super-users (directory §3.5; §6 scenarios 2, 3 and 9). */
import { describe, expect, test } from 'vitest';
import { begin, NOT_ALLOWED } from './support/asking.ts';

describe('/suspend and /resume', () => {
  test('only an active one, only a suspended one', () => {
    const { alice, adam, bob } = begin();
    const group = bob.registers('PSA');
    expect(adam.says('/suspend 1:PSA')[0]).toContain('pending admin approval');
    group.approvedBy(alice);
    expect(adam.says('/resume 1:PSA')[0]).toContain('is active');
    expect(adam.says('/suspend 1:PSA')).toEqual(['Group suspended!']);
    expect(bob.heard()[0]).toContain('suspended');
    expect(bob.says('psa')).toEqual(['No groups found']);
    expect(adam.says('/resume 1:PSA')).toEqual(['Group listing resumed!']);
    expect(bob.heard()[0]).toContain('listed again');
    expect(bob.says('psa')[0]).toBe('Found 1 group(s).');
  });
});

describe('/approve', () => {
  test('by an admin is told to the others', () => {
    const { alice, adam, bob } = begin();
    const group = bob.registers('PSA');
    alice.heard();
    group.approvedBy(adam);
    expect(alice.heard()).toEqual(['The group ID 1 (PSA) was approved by adam.']);
    expect(adam.says('/approve 1:PSA 1')[0]).toContain('is active');
    expect(adam.says('/approve 9:PSA 1')[0]).toContain('no group ID 9');
  });

  test('promotes for super-users, and keeps what is promoted', () => {
    const { bot, alice, adam, bob } = begin();
    const group = bob.registers('PSA');
    group.approvedBy(adam, ' promote=on');
    const isPromoted = () => (bot.records.list('registration', '')[0]!.value as { isPromoted: boolean }).isPromoted;
    expect(isPromoted()).toBe(false);
    expect(alice.says('/promote 1:PSA on')[0]).toContain('is promoted');
    group.changes({ description: 'New' });
    expect(isPromoted()).toBe(true);
    expect(adam.heard().at(-1)).toBe('/approve 1:PSA 1 promote=on');
    expect(adam.says('/approve 1:PSA 1 promote=on')).toEqual(['Group approved! (promoted)']);
    expect(isPromoted()).toBe(true);
    alice.says('/promote 1:PSA off');
    expect(isPromoted()).toBe(false);
  });
});

describe('/last and /pending', () => {
  test('the newest last, with a count of all', () => {
    const { bot, alice, bob, cath } = begin();
    for (const name of ['one', 'two', 'three']) {
      bob.registers(name);
      bot.pass(1000);
    }
    cath.registers('four').approvedBy(alice);
    expect(cath.says('/last')).toEqual([NOT_ALLOWED]);
    expect(alice.says('/last 1').map((text) => text.split('\n')[0])).toEqual(['4 registered group(s), showing the last 1', '4. four']);
    expect(alice.says('/last').map((text) => text.split('\n')[0])).toEqual(['4 registered group(s)', '1. one', '2. two', '3. three', '4. four']);
    const pending = alice.says('/pending 2');
    expect(pending.map((text) => text.split('\n')[0])).toEqual(['3 group(s) pending approval, showing the last 2', '2. two', '3. three']);
    expect(pending[2]).toContain('/approve 3:three 1');
    expect(pending[2]).toContain('Owner: bob');
    expect(alice.says('/last 0')[0]).toContain('Command error');
  });
});

test('/owner forwards a text', () => {
  const { bot, alice, bob } = begin();
  bob.registers('PSA');
  expect(alice.says('/owner 1:PSA hello there')[0]).toContain('Forwarded to @bob');
  expect(bob.heard()[0]).toContain('\nhello there');
  expect(alice.says('/owner 1:PSA')[0]).toContain('Command error');
  bot.run((step) => step.deleteContact(bob.contactId));
  expect(alice.says('/owner 1:PSA hello')[0]).toContain('could not be sent');
});

describe("the owners' group", () => {
  test('scenario 9: invited on approval, already a member, and again after leaving', () => {
    const { bot, alice, bob } = begin({ ownersGroup: { groupId: 1, name: 'Owners' } });
    expect(alice.says('/exec create-owners-group Owners')[0]).toContain('1:Owners');
    expect(bot.done).toEqual(['invite 1 to 1 as admin']);
    const one = bob.registers('one');
    alice.heard();
    alice.says('/approve 2:one 1');
    one.makeLink();
    expect(alice.heard().at(-1)).toContain('@bob is invited');
    expect(bob.heard().at(-1)).toContain('invited to the group of owners');
    expect(bot.done.at(-1)).toBe('invite 3 to 1 as member');
    const invited = [...bot.state.members.get(1)!.values()].at(-1)!;
    bot.state.setMember(invited, { status: 'connected' });
    const two = bob.registers('two');
    alice.says('/approve 3:two 1');
    two.makeLink();
    expect(alice.heard().at(-1)).toContain('already a member');
    expect(alice.says('/invite 3:two')[0]).toContain('already a member');
    const member = bot.state.setMember(invited, { status: 'left' });
    bot.tell({ type: 'member-left', group: bot.state.knownGroup(1), member });
    expect(alice.heard()).toEqual([]);
    expect(alice.says('/invite 3:two')[0]).toContain('You invited @bob');
  });

  test('is not there, or has another name', () => {
    const { alice, bob } = begin();
    bob.registers('PSA');
    expect(alice.says('/invite 1:PSA')[0]).toContain('No group of owners');
    const other = begin({ ownersGroup: { groupId: 1, name: 'Owners' } });
    other.bob.registers('PSA');
    expect(other.alice.says('/invite 1:PSA')[0]).toContain('could not be invited');
  });
});

test('/exec looks into the bot, and does nothing that is not on its list', () => {
  const { bot, alice, bob } = begin();
  bob.registers('PSA');
  const before = bot.done.length;
  expect(alice.says('/x help')[0]).toContain('contacts');
  expect(alice.says('/exec /contacts')[0]).toContain('3:bob');
  expect(alice.says('/exec group 1')[0]).toContain('Registered by bob');
  expect(alice.says('/exec group 9')[0]).toContain('no such group');
  expect(alice.says('/exec counts')[0]).toContain('pending admin approval: 1');
  for (const other of ['/_delete @3', 'constructor', 'rm -rf', '/d #PSA', '__proto__']) expect(alice.says(`/exec ${other}`)[0]).toContain('no such command');
  expect(bot.done).toHaveLength(before);
});
