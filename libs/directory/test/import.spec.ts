/** Import of what the reference kept (directory §3.11). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectRegistrations } from '../src/import/expect.ts';
import { formatReferenceLog, parseReferenceLog } from '../src/import/reference-log.ts';
import { parseReferenceRow } from '../src/import/reference-rows.ts';
import { REGISTRATION_STATES } from '../src/registration/states.ts';
import { Bot } from './support/bot.ts';

describe('the log', () => {
  test('is followed record by record', () => {
    const log = parseReferenceLog([
      'GCREATE group_id=3 user_group_id=1 contact_id=7 owner_member_id=12 status=pending_approval:1',
      'GCREATE group_id=4 user_group_id=2 contact_id=7 owner_member_id= status=proposed promoted=T',
      'GCREATE group_id=5 user_group_id=1 contact_id=8 owner_member_id= status=active promoted=F',
      'GSTATUS 3 active', 'GOWNER 4 13', 'GPROMOTE 3 T', 'GPROMOTE 4 F', 'GDELETE 5', '',
    ].join('\n'));
    expect(log).toEqual({
      registrations: [
        { groupId: 3, userGroupId: 1, contactId: 7, ownerMemberId: 12, status: { state: 'active', code: 0 }, isPromoted: true },
        { groupId: 4, userGroupId: 2, contactId: 7, ownerMemberId: 13, status: { state: 'proposed', code: 0 }, isPromoted: false },
      ],
      lines: 8, problems: [],
    });
  });

  test('bad lines are reported and passed over, unknown groups and repeats too', () => {
    const create = 'GCREATE group_id=3 user_group_id=1 contact_id=7 owner_member_id=12 status=';
    const bad = [
      'x', 'GSTATUS', 'GSTATUS 3', 'GSTATUS x active', 'GSTATUS 3 nothing', 'GSTATUS 3 active:1', 'GSTATUS 3 pending_approval', 'GPROMOTE 3 yes', 'GOWNER 3 -1', 'GDELETE 3 4',
      'GNOTHING 3 4', 'GCREATE group_id=3', create, `${create}active promoted=X`, `${create}${'a'.repeat(2000)}`, 'gstatus 3 active', 'Gconstructor 3 4',
    ];
    const log = parseReferenceLog([`${create}active`, ...bad, 'GSTATUS 9 active', 'GDELETE 9', `${create}suspended`].join('\n'));
    expect(log.registrations).toMatchObject([{ status: { state: 'suspended' } }]);
    expect(log.problems).toEqual([
      ...bad.map((_line, at) => ({ line: at + 2, problem: 'syntax' })),
      { line: bad.length + 2, problem: 'unknown-group' }, { line: bad.length + 3, problem: 'unknown-group' }, { line: bad.length + 4, problem: 'repeated' },
    ]);
  });

  test('read(write(x)) = x', () => {
    const registration = fc.record({
      groupId: fc.nat(), userGroupId: fc.nat(), contactId: fc.nat(), ownerMemberId: fc.option(fc.nat()), isPromoted: fc.boolean(),
      status: fc.constantFrom(...REGISTRATION_STATES).chain((state) => (state === 'pending_approval' ? fc.nat(1e8) : fc.constant(0)).map((code) => ({ state, code }))),
    });
    fc.assert(fc.property(fc.uniqueArray(registration, { selector: ({ groupId }) => groupId }), (all) => {
      const log = parseReferenceLog(formatReferenceLog(all));
      expect(log.problems).toEqual([]);
      expect(log.registrations).toEqual([...all].sort((one, other) => one.groupId - other.groupId));
    }));
  });

  test('nothing makes it throw', () => {
    fc.assert(fc.property(fc.string({ maxLength: 500 }), (text) => { parseReferenceLog(text); }));
  });
});

const ROW = {
  group_reg_id: 1, group_id: 3, user_group_reg_id: 1, contact_id: 7, owner_member_id: 12, group_reg_status: 'active', group_promoted: 1, created_at: '2026-03-01 10:20:30',
  display_name: 'PSA', owner_name: 'bob', custom_data: Buffer.from('{"memberAcceptance":{"passCaptcha":"noImage","rejectNames":"all","makeObserver":"x"},"other":1}'),
};

describe('rows', () => {
  test('as a database, JSON and CSV give them', () => {
    const expected = {
      groupId: 3, userGroupId: 1, contactId: 7, ownerMemberId: 12, status: { state: 'active', code: 0 }, isPromoted: true, name: 'PSA', ownerName: 'bob',
      settings: { filter: { rejectNames: 'all', passCaptcha: 'noImage', makeObserver: null }, joinerRole: 'member' },
    };
    expect(parseReferenceRow(ROW)).toEqual(expected);
    expect(parseReferenceRow({ ...ROW, group_id: '3', user_group_reg_id: '1', contact_id: '7', owner_member_id: '12', group_promoted: '1', custom_data: ROW.custom_data.toString() })).toEqual(expected);
    expect(parseReferenceRow({ group_id: 3, user_group_reg_id: 1, contact_id: 7, group_reg_status: 'pending_approval:2' }))
      .toEqual({ ...expected, ownerMemberId: null, status: { state: 'pending_approval', code: 2 }, isPromoted: false, name: null, ownerName: null, settings: null });
  });

  test.each([
    [{ group_id: null }], [{ group_id: -1 }], [{ group_id: 1.5 }], [{ contact_id: undefined }], [{ user_group_reg_id: 'x' }], [{ group_reg_status: 'unknown' }], [{ group_reg_status: 5 }],
  ])('without what every registration has: %j', (wrong) => {
    expect(parseReferenceRow({ ...ROW, ...wrong })).toBeNull();
  });

  test.each(['{', '[]', 'null', '{"memberAcceptance":[]}', '{"memberAcceptance":null}', '"x"'])('custom data %s: no settings', (custom_data) => {
    expect(parseReferenceRow({ ...ROW, custom_data })!.settings).toBeNull();
  });
});

describe('an import', () => {
  const named = (more: object = {}) => parseReferenceRow({ ...ROW, ...more })!;

  test('says what is expected of it, and can be repeated', () => {
    const bot = new Bot();
    const registrations = [named(), named({ group_id: 4, display_name: null }), named({ group_id: 5, group_reg_status: 'removed' }), named({ group_id: 6, group_reg_status: 'proposed' })];
    expect(bot.run((step) => expectRegistrations(step, registrations))).toEqual({ expected: 1, nameless: 1, ended: 2, known: 0 });
    expect(bot.run((step) => expectRegistrations(step, registrations))).toEqual({ expected: 0, nameless: 1, ended: 2, known: 1 });
  });

  test('lends settings and promotion to a group of its name, and tells admins, who approve as ever', () => {
    const bot = new Bot();
    const alice = bot.person('alice');
    const bob = bot.person('bob');
    bot.run((step) => expectRegistrations(step, [named()]));
    const other = bob.registers('other');
    expect(alice.heard().join('\n')).not.toContain('import');
    const group = bob.registers('PSA');
    const [submission, command] = alice.heard();
    expect(submission).toContain('The import has a group of this name, of bob, which was active.');
    expect(command).toBe('/approve 2:PSA 1 promote=on');
    expect(group.state).toBe('pending_approval:1');
    expect(bob.says('/filter 2')[0]).toContain('*name=all captcha=noimage*');
    expect(bot.records.size('expected')).toBe(1);
    group.approvedBy(alice, ' promote=on');
    expect(bot.records.size('expected')).toBe(0);
    expect(bot.records.size('expected-name')).toBe(0);
    other.changes({ displayName: 'third' });
  });
});
