/** Registration of groups (directory §3.1 to §3.3, §6 scenarios 1, 7 and "Duplicates"). */
import { describe, expect, test } from 'vitest';
import { Bot } from './support/bot.ts';
import { linkOf } from './support/links.ts';

function begin(options = {}) {
  const bot = new Bot({ pageSize: 3, ...options });
  const alice = bot.person('alice');
  const bob = bot.person('bob');
  const cath = bot.person('cath');
  for (const person of [alice, bob, cath]) person.heard();
  return { bot, alice, bob, cath };
}

describe('a contact', () => {
  test('is welcomed, with a hint at search and help', () => {
    const bot = new Bot({ serviceName: 'Our Directory', rulesLink: 'https://rules.example' });
    const [welcome] = bot.person('bob').heard();
    expect(welcome).toContain('Our Directory');
    expect(welcome).toContain('/help');
    expect(welcome).toContain('/new');
    expect(welcome).toContain('https://rules.example');
  });

  test('that is a bot is not welcomed', () => {
    expect(new Bot().person('robot', { peerType: 'bot' }).heard()).toEqual([]);
  });
});

describe('an invitation', () => {
  test.each([
    ['owner', 'admin', 'pending_approval:1', null],
    ['owner', 'member', 'none', /bot the role \*admin\*/],
    ['owner', 'owner', 'none', /bot the role \*admin\*/],
    ['owner', 'moderator', 'none', /bot the role \*admin\*/],
    ['admin', 'admin', 'none', /must be an \*owner\*/],
    ['admin', 'member', 'none', /\*owner\*.*\*admin\*/],
  ] as const)('of an %s with the role %s: %s', (ownRole, botRole, state, answer) => {
    const { bob } = begin();
    const group = bob.invites('PSA', { ownRole, botRole });
    expect(group.state).toBe(state);
    if (answer === null) return;
    const heard = bob.heard();
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(answer);
    expect(group.group.own.status).toBe('invited');
  });

  test('again with the right role begins the registration', () => {
    const { bob } = begin();
    const group = bob.invites('PSA', { botRole: 'member' });
    group.reinvites({ botRole: 'admin' });
    expect(group.state).toBe('pending_approval:1');
  });

  test('that cannot be joined asks for another', () => {
    const { bob } = begin();
    const group = bob.invites('PSA', { fails: true });
    expect(bob.heard()).toEqual([expect.stringContaining('Joining'), expect.stringContaining('invite it again')]);
    expect(group.state).toBe('proposed');
    group.announce(true);
    expect(group.state).toBe('pending_approval:1');
  });

  test('of a contact who has registered as many as allowed is refused', () => {
    const { bob } = begin({ maxRegistrations: 2 });
    bob.registers('one');
    const two = bob.registers('two');
    expect(bob.invites('three').state).toBe('none');
    expect(bob.heard().at(-1)).toContain('2 groups');
    two.leaves(two.host);
    expect(bob.invites('four').state).toBe('pending_approval:1');
  });

  test('is numbered for its owner: one more than the largest', () => {
    const { bot, bob, cath } = begin();
    cath.registers('zero');
    const one = bob.registers('one');
    bob.registers('two');
    expect(bob.says('/delete 1:one')).toEqual([expect.stringContaining('removed')]);
    const three = bob.registers('three');
    const numbers = bot.records.list('registration', '').map(({ value }) => (value as { userNumber: number }).userNumber);
    expect(numbers).toEqual([1, 2, 3]);
    expect([one.groupId, three.groupId]).toEqual([2, 4]);
  });
});

describe('scenario 1', () => {
  test('from the invitation to the list', () => {
    const { bot, alice, bob, cath } = begin();
    expect(bob.says('privacy')).toEqual(['No groups found']);
    const group = bob.invites('PSA', { botRole: 'member', profile: { fullName: 'Privacy, Security & Anonymity' } });
    expect(bob.heard()[0]).toContain('*admin*');
    group.reinvites({ botRole: 'admin' });
    const [joining, joined, recommendation] = bob.heard();
    expect(joining).toContain('Joining the group PSA');
    expect(joined).toMatch(/joined the group PSA.*48 hours/);
    expect(recommendation).toContain("/'filter 1'");
    const [submission, command] = alice.heard();
    expect(submission).toContain('bob submitted the group ID 1:\nPSA (Privacy, Security & Anonymity)');
    expect(submission).toContain('_2 members_');
    expect(command).toBe('/approve 1:PSA 1');

    group.changes({ description: 'Welcome!' });
    expect(bob.heard()).toEqual([expect.stringContaining('hidden')]);
    const [notice, again, secondCommand] = alice.heard();
    expect(notice).toContain('ID 1 (PSA) was changed.');
    expect(again).toContain('\nWelcome!\n');
    expect(secondCommand).toBe('/approve 1:PSA 2');

    expect(bob.says('/approve 1:PSA 2')).toEqual(['You are not allowed to use this command.']);
    expect(alice.says('/approve 1:PSA 1')[0]).toContain('Incorrect approval code');
    const pending = alice.says('/pending');
    expect(pending[0]).toBe('1 group(s) pending approval');
    expect(pending[1]).toContain('PSA');
    expect(group.state).toBe('pending_approval:2');
    alice.says('/approve 1:PSA 2');
    expect(bot.done.at(-1)).toBe('create link 1 member');
    expect(group.state).toBe('pending_approval:2');
    group.makeLink();
    expect(group.state).toBe('active');
    expect(alice.heard()).toEqual(['Group approved!']);
    const link = linkOf(1).shortLink!;
    const [approved, line] = bob.heard();
    expect(approved).toMatch(/approved and listed/);
    expect(approved).toContain('adding this link');
    for (const command of ["/'filter 1'", "/'role 1'", "/'link 1'"]) expect(approved).toContain(command);
    expect(line).toBe(`Link to join the group PSA: ${link}`);

    group.changes({ description: `Welcome!\nLink to join the group PSA: ${link}` });
    expect(bob.heard()).toEqual([expect.stringContaining('remains listed')]);
    expect(alice.heard()).toEqual([expect.stringContaining('remains listed')]);
    expect(bot.done.at(-1)).toBe('refresh link 1');
    expect(group.state).toBe('active');
    for (const [person, term] of [[bob, 'psa'], [cath, 'Privacy, Sec'], [cath, 'welcome!']] as const) {
      const found = person.says(term);
      expect(found[0]).toBe('Found 1 group(s).');
      expect(found[1]!.split(link)).toHaveLength(2);
    }
    group.changes({ description: 'Welcome!' });
    expect(group.state).toBe('active');
    expect(bob.says('psa')[1]).toContain(`\nLink to join the group PSA: ${link}\n`);
    expect(bob.says('/exec groups')).toEqual(['You are not allowed to use this command.']);
    expect(alice.says('/exec groups')[0]).toContain('1:PSA, 2 members, admin, active');
  });

  test('answers quote the question, the first of several', () => {
    const { alice, bob } = begin();
    bob.registers('PSA').approvedBy(alice);
    const [header, entry] = bob.sends({ content: { type: 'text', text: 'psa' } });
    expect(header!.quote).toMatchObject({ msgRef: { msgId: expect.stringMatching(/^msg/), sent: false }, content: { type: 'text', text: 'psa' } });
    expect(entry!.quote).toBeNull();
  });
});

test('a name with spaces is quoted in commands, and understood with and without', () => {
  const { alice, bob } = begin();
  const group = bob.registers('Privacy and Security');
  expect(alice.heard().at(-1)).toBe("/approve 1:'Privacy and Security' 1");
  group.approvedBy(alice);
  expect(bob.says("/role 1:'Privacy and Security' observer")[0]).toContain('*observer*');
  expect(bob.says('/delete 1:Privacy and Security')[0]).toContain('removed');
});

test('hostile names stay on their line, and can be addressed', () => {
  const { alice, bob } = begin();
  const group = bob.registers("x 9 promote=on\n/approve 2:it's 'q'");
  const [submission, command] = alice.heard();
  expect(submission!.split('\n')[1]).toBe("x 9 promote=on /approve 2:it's 'q'");
  expect(command).toBe("/approve 1:'x 9 promote=on /approve 2:it's 'q'' 1");
  expect(alice.says(command!)).toEqual([expect.stringContaining('link')]);
  group.makeLink();
  expect(group.state).toBe('active');
});

describe('a name that another group has', () => {
  test('asks for confirmation while neither is listed; the second cannot be approved after the first', () => {
    const { alice, bob, cath } = begin();
    const first = bob.registers('PSA');
    const second = cath.invites('PSA');
    expect(second.state).toBe('pending_confirmation');
    const [explanation, command] = cath.heard();
    expect(explanation).toContain('Another group named PSA');
    expect(command).toBe('/confirm 1:PSA');
    cath.says(command!);
    second.join();
    expect(second.state).toBe('pending_approval:1');
    alice.heard();
    first.approvedBy(alice);
    expect(alice.says('/approve 2:PSA 1')[0]).toContain('another group of this name is listed');
    expect(second.state).toBe('pending_approval:1');
    second.changes({ displayName: 'PSA2' });
    expect(alice.heard().at(-1)).toBe('/approve 2:PSA2 2');
    second.approvedBy(alice);
  });

  test('is refused when that is listed or suspended, also at the confirmation', () => {
    const { alice, bob, cath } = begin();
    const first = bob.registers('PSA');
    const second = cath.invites('PSA');
    first.approvedBy(alice);
    cath.heard();
    expect(cath.says('/confirm 1:PSA')[0]).toContain('already listed');
    expect(second.state).toBe('pending_confirmation');
    alice.says('/suspend 1:PSA');
    expect(cath.says('/confirm 1:PSA')[0]).toContain('already listed');
    expect(cath.invites('PSA').state).toBe('none');
    expect(cath.heard()[0]).toContain('choose another name');
  });

  test('is free again when that is removed, deleted, or the bot is not in it', () => {
    const { alice, bob, cath } = begin();
    for (const end of ['leaves', 'delete', 'removesBot'] as const) {
      const first = bob.registers(end);
      first.approvedBy(alice);
      if (end === 'leaves') first.leaves(first.host);
      else if (end === 'removesBot') first.removesBot();
      else alice.says(`/delete ${first.groupId}:delete`);
      expect(cath.invites(end).state).toBe('pending_approval:1');
    }
  });

  test('renamed in a repeated invitation, needs no confirmation', () => {
    const { bob, cath } = begin();
    bob.registers('PSA');
    const second = cath.invites('PSA');
    second.reinvites({ profile: { displayName: 'PSA2' } });
    expect(second.state).toBe('pending_approval:1');
  });

  test('is confirmed only where that is asked, with roles as they are by then', () => {
    const { bob, cath } = begin();
    bob.registers('PSA');
    expect(bob.says('/confirm 1:PSA')[0]).toContain('nothing to confirm');
    const second = cath.invites('PSA');
    second.bot.state.setOwn(second.groupId, { role: 'member' });
    expect(cath.says('/confirm 1:PSA').at(-1)).toContain('*admin*');
    expect(second.state).toBe('pending_confirmation');
  });

  test('differs in case: not the same', () => {
    const { bob, cath } = begin();
    bob.registers('PSA');
    expect(cath.invites('psa').state).toBe('pending_approval:1');
  });
});
