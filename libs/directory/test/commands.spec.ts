/** Commands (directory §3.5; §6 scenarios 2, 3, 4, 9 and "Listing"). */
import { describe, expect, test } from 'vitest';
import { begin, NOT_ALLOWED } from './support/asking.ts';
import { Bot } from './support/bot.ts';
import { linkOf } from './support/links.ts';

const ADMIN_COMMANDS = [
  '/approve 1:PSA 1', '/reject 1:PSA', '/suspend 1:PSA', '/resume 1:PSA', '/last', '/pending 3', '/owner 1:PSA hello', '/invite 1:PSA',
];
const SUPER_COMMANDS = ['/promote 1:PSA on', '/exec help', '/x groups'];

describe('rights', () => {
  test('of users, admins and super-users', () => {
    const { alice, adam, bob } = begin();
    bob.registers('PSA');
    for (const command of [...ADMIN_COMMANDS, ...SUPER_COMMANDS]) expect(bob.says(command), command).toEqual([NOT_ALLOWED]);
    for (const command of SUPER_COMMANDS) expect(adam.says(command), command).toEqual([NOT_ALLOWED]);
    for (const command of ADMIN_COMMANDS) expect(adam.says(command), command).not.toContain(NOT_ALLOWED);
    for (const command of SUPER_COMMANDS) expect(alice.says(command), command).not.toContain(NOT_ALLOWED);
  });

  test('need id and name: a contact of another name or number has none', () => {
    const bot = new Bot({ superUsers: [{ contactId: 1, name: 'alice' }, { contactId: 3, name: 'adam' }] });
    const mallory = bot.person('mallory');
    const alice = bot.person('alice');
    expect(mallory.says('/exec help')).toEqual([NOT_ALLOWED]);
    expect(alice.says('/exec help')).toEqual([NOT_ALLOWED]);
    bot.person('bob').registers('PSA');
    expect([...mallory.heard(), ...alice.heard()].join('\n')).not.toContain('submitted');
    expect(bot.directory.stats.missingAdmins.value).toBe(2);
  });

  test('all admins get submissions, each once', () => {
    const { alice, adam, bob } = begin({ adminUsers: [{ contactId: 2, name: 'adam' }, { contactId: 1, name: 'alice' }] });
    bob.registers('PSA');
    expect(alice.heard()).toHaveLength(2);
    expect(adam.heard()).toHaveLength(2);
  });
});

test.each([
  ['/help', 'How to list'], ['/h', 'How to list'], ['/help r', 'How to list'], ['/help registration', 'How to list'], ['/help c', '*Commands*'], ['/help commands  ', '*Commands*'],
  ['/whoami', '3:bob'], ['/whoami x', 'Command error'],
  ['/nothing', 'Unknown command'], ['/', 'Unknown command'], ['/ help', 'Unknown command'], ['/audio', 'Unknown command'], ['/constructor', 'Unknown command'], ['/HELP', 'Unknown command'],
  ['/help x', 'Command error'], ['/role', 'Command error'], ['/role x', 'Command error'], ['/role 1:PSA admin', 'Command error'], ['/delete 1', 'Command error'],
  ['/delete 1:#PSA', 'Command error'], ['/delete 1:', 'Command error'], ["/delete 1:' PSA'", 'Command error'], ['/filter 1 strongest', 'Command error'], ['/next 1', 'Command error'],
  ['/list', 'You have no groups'], ['/ls', 'You have no groups'], ['/role 1', 'no group ID 1'], ['/confirm 7:PSA', 'no group ID 7'], ['/submit simplex:/x', 'inviting this bot'], ['/submit', 'Command error'],
])('%s: %s', (command, answer) => {
  const { bob } = begin();
  expect(bob.says(command)).toEqual([expect.stringContaining(answer)]);
});

test('help does not speak of /audio, nor of admins to users', () => {
  const { alice, adam, bob } = begin();
  for (const topic of ['/help', '/help c']) expect(bob.says(topic)[0]).not.toMatch(/\/audio|\/approve/);
  expect(adam.says('/help c')[0]).toContain('/approve');
  expect(adam.says('/help c')[0]).not.toContain('/exec');
  expect(alice.says('/help c')[0]).toContain('/exec');
});

describe('what is no command', () => {
  test('other content, live messages: ignored', () => {
    const { bot, bob } = begin();
    expect(bob.sends({ content: { type: 'image', text: '/help', image: '' } })).toEqual([]);
    expect(bob.sends({ content: { type: 'voice', text: '', duration: 3 } })).toEqual([]);
    expect(bob.sends({ content: { type: 'unknown', text: '/help', json: {} } })).toEqual([]);
    expect(bob.sends({ content: { type: 'text', text: '/help' }, live: true })).toEqual([]);
    expect(bot.directory.stats.unanswered.get('content')).toBe(3);
    expect(bot.directory.stats.unanswered.get('live')).toBe(1);
  });
});

describe('/list', () => {
  test('shows each owner their own, with state and tappable commands', () => {
    const { alice, bob, cath } = begin();
    bob.registers('one', { profile: { description: 'Welcome' } }).approvedBy(alice);
    const two = bob.registers('two');
    two.approvedBy(alice);
    two.setBotRole('member');
    cath.registers('three');
    const [header, first, second] = bob.says('/list');
    expect(header).toContain('2 groups');
    expect(first).toMatch(/^1\. one\nWelcome\n/);
    expect(first).toContain('Status: active');
    expect(first).toContain("/'role 1', /'filter 1'");
    expect(second).toMatch(/^2\. two/);
    expect(second).toContain('suspended because roles changed');
    expect(cath.says('/ls')[1]).toMatch(/^1\. three/);
  });

  test('shows admins the ids of groups, and the owner', () => {
    const { alice, bob } = begin();
    bob.registers('one');
    alice.registers('two');
    expect(alice.says('/list')[1]).toMatch(/^2\. two[^]*Owner: alice/);
  });

  test('survives a restart', () => {
    const { bot, alice, bob } = begin();
    bob.registers('one').approvedBy(alice);
    const before = bob.says('/list');
    bot.restart();
    expect(bob.says('/list')).toEqual(before);
    expect(bob.says('one')[0]).toBe('Found 1 group(s).');
    expect(bot.directory.registrationCounts().get('active')).toBe(1);
  });
});

describe('a group is named', () => {
  test('by its id, and the name if there is one has to be right', () => {
    const { bob } = begin();
    bob.registers('My PSA');
    expect(bob.says('/role 1')[0]).toContain('My PSA');
    expect(bob.says('/role 1:PSA')).toEqual(['Group ID 1 has another name: My PSA']);
    expect(bob.says("/role 1:'My PSA'")[0]).toContain('*member*');
    expect(bob.says("/delete 1:'my psa'")).toEqual(['Group ID 1 has another name: My PSA']);
  });

  test('of another owner: is not there', () => {
    const { bob, cath } = begin();
    bob.registers('PSA');
    expect(cath.says('/delete 1:PSA')).toEqual([expect.stringContaining('no group ID 1')]);
  });
});

describe('/role', () => {
  test('is shown and set, for the link too', () => {
    const { bot, alice, bob } = begin();
    const group = bob.registers('PSA');
    expect(bob.says('/role 1')[0]).toMatch(/begins as \*member\*[^]*\/'role 1 observer'[^]*made when the group is approved/);
    group.approvedBy(alice);
    const answer = bob.says('/role 1 observer')[0]!;
    expect(answer).toContain('*observer*');
    expect(answer).toContain(linkOf(1).shortLink!);
    expect(answer).toContain('by no other');
    expect(bot.state.knownGroup(1).link!.role).toBe('observer');
    expect(alice.says('/role 1:PSA member')[0]).toContain('*member*');
    expect(bot.state.knownGroup(1).link!.role).toBe('member');
  });
});

describe('/filter', () => {
  test.each([
    ['off', 'off'], ['basic', 'name=noimage'], ['moderate', 'name=all captcha=noimage'], ['mod', 'name=all captcha=noimage'], ['strong', 'name=all captcha=all'],
    ['name', 'name=all'], ['captcha=noimage', 'captcha=noimage'], ['captcha=no_image', 'captcha=noimage'], ['captcha=no-image', 'captcha=noimage'], ['observer', 'observer=all'],
    ['name=all captcha observer=noimage', 'name=all captcha=all observer=noimage'],
  ])('%s is %s', (args, shown) => {
    const { bob } = begin();
    bob.registers('PSA');
    expect(bob.says('/filter 1')[0]).toContain('*captcha=all*');
    expect(bob.says(`/filter 1 ${args}`)[0]).toContain(`*${shown}*`);
    expect(bob.says('/filter 1:PSA')[0]).toContain(`*${shown}*`);
  });

  test.each(['captcha name', 'name=some', 'name name', 'off basic', 'name,captcha'])('%s cannot be read', (args) => {
    const { bob } = begin();
    bob.registers('PSA');
    expect(bob.says(`/filter 1 ${args}`)).toEqual([expect.stringContaining('Command error')]);
  });
});

describe('/link', () => {
  test('shows it to the owner and to admins', () => {
    const { alice, bob } = begin();
    const group = bob.registers('PSA');
    expect(bob.says('/link 1')[0]).toContain('made when the group is approved');
    group.approvedBy(alice);
    expect(bob.says('/link 1:PSA')[0]).toContain(linkOf(1).shortLink!);
    expect(alice.says('/link 1:PSA')[0]).toContain(linkOf(1).shortLink!);
  });
});

describe('/delete', () => {
  test('by the owner: admins are told', () => {
    const { alice, bob, cath } = begin();
    const group = bob.registers('PSA');
    group.approvedBy(alice);
    expect(cath.invites('PSA').state).toBe('none');
    expect(bob.says('/delete 1:PSA')[0]).toContain('removed');
    expect(alice.heard().at(-1)).toContain('by its owner');
    expect(group.state).toBe('none');
    expect(group.group.own.status).toBe('connected');
    expect(cath.says('psa')).toEqual(['No groups found']);
    expect(cath.invites('PSA').state).toBe('pending_approval:1');
    group.changes({ description: 'x' });
    group.leaves(group.host);
    expect(bob.heard()).toEqual([]);
  });

  test('by an admin: the owner is told', () => {
    const { alice, bob } = begin();
    bob.registers('PSA');
    alice.says('/delete 1:PSA');
    expect(bob.heard()).toEqual([expect.stringContaining('by an admin')]);
  });
});
