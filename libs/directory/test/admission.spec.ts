/** Who joins, and how (directory §3.7; §6 scenarios 4 and "Admission"). */
import { describe, expect, test } from 'vitest';
import { begin } from './support/admission.ts';
import { profileOf } from './support/links.ts';

const IMAGE = { image: 'data:image/png;base64,AAAA' };

describe('a join request', () => {
  test.each([
    ['off', 'spammer', {}, 'accepted member'],
    ['off', 'averyveryverylongname', {}, 'accepted member'],
    ['name', 'spammer', {}, 'rejected blocked_name'],
    ['name', 'xbadbadx', {}, 'rejected blocked_name'],
    ['name', 'averyveryverylongname', {}, 'rejected long_name'],
    ['name', 'averyveryspammerbadbad', {}, 'rejected long_name'],
    ['name', 'dan', {}, 'accepted member'],
    ['name=noimage', 'spammer', IMAGE, 'accepted member'],
    ['name=noimage', 'spammer', {}, 'rejected blocked_name'],
    ['captcha', 'dan', IMAGE, 'pending member'],
    ['captcha=noimage', 'dan', {}, 'pending member'],
    ['captcha=noimage', 'dan', IMAGE, 'accepted member'],
    ['captcha observer', 'dan', {}, 'pending member'],
    ['observer', 'dan', IMAGE, 'accepted observer'],
    ['observer=noimage', 'dan', IMAGE, 'accepted member'],
    ['observer=noimage', 'dan', { image: '' }, 'accepted observer'],
    ['name captcha', 'spammer', {}, 'rejected blocked_name'],
  ] as const)('with the filter %s, of %s: %s %s', (filter, name, more, decided) => {
    const { group } = begin({}, filter);
    const admission = group.asks(profileOf(name, more));
    expect(`${admission.decision} ${admission.decision === 'rejected' ? admission.reason : admission.role}`).toBe(decided);
  });

  test('by default passes a captcha', () => {
    expect(begin().group.asks(profileOf('dan')).decision).toBe('pending');
  });

  test('with the role of the link', () => {
    const { bob, group } = begin({}, 'off');
    bob.says('/role 1 observer');
    expect(group.asks(profileOf('dan'))).toEqual({ decision: 'accepted', role: 'observer' });
  });

  test('always passes a captcha with that option', () => {
    expect(begin({ alwaysCaptcha: true }, 'off').group.asks(profileOf('dan'))).toEqual({ decision: 'pending', role: 'member' });
  });

  test('knocks with that option, but for bad names', () => {
    const { bob, group } = begin({ knocking: true, alwaysCaptcha: true }, 'strong');
    bob.says('/role 1 observer');
    expect(group.asks(profileOf('dan'))).toEqual({ decision: 'pending_review', role: 'observer' });
    expect(group.asks(profileOf('spammer')).decision).toBe('rejected');
    expect(group.joins('dan').heard()).toEqual([]);
  });

  test('at a link of no group of the directory is let in', () => {
    const { bot } = begin();
    const group = bot.state.addGroup({ displayName: 'own', fullName: '' }, { memberId: 'bot', role: 'owner', status: 'creator' });
    const admission = bot.run((step) => bot.directory.admit({ group, profile: profileOf('dan'), versions: { min: 1, max: 17 } }, step));
    expect(admission).toEqual({ decision: 'accepted', role: 'member' });
  });

  test('is counted by what came of it', () => {
    const { bot, group } = begin({}, 'name captcha=noimage');
    group.asks(profileOf('dan'));
    group.asks(profileOf('dan', IMAGE));
    group.asks(profileOf('spammer'));
    expect(Object.fromEntries(bot.directory.stats.joins.values)).toEqual({ captcha: 1, accepted: 1, 'rejected-name': 1 });
  });
});

describe('the captcha', () => {
  test('scenario 4: is passed, and the joiner has the role of the link', () => {
    const { bot, bob, group } = begin();
    bob.says('/role 1:PSA observer');
    const dan = group.joins('dan');
    const [notice, captcha] = dan.heard();
    expect(notice).toContain('*PSA*');
    expect(notice).not.toContain('/audio');
    expect(captcha).toBe('first7A');
    const [correct] = dan.sends({ content: { type: 'text', text: ' first7A ' } });
    expect(correct!.content.text).toContain('Correct, you joined the group');
    expect(correct!.quote).toMatchObject({ msgRef: { sent: false, memberId: dan.member.memberId } });
    expect(dan.member).toMatchObject({ status: 'connected', role: 'observer' });
    expect(bot.records.size('captcha')).toBe(0);
  });

  test('makes an observer where the filter says so', () => {
    const { group } = begin({}, 'captcha observer=noimage');
    const dan = group.joins('dan');
    dan.says(dan.heard()[1]!);
    expect(dan.member.role).toBe('observer');
    const eve = group.joins('eve', IMAGE);
    eve.says(eve.heard()[1]!);
    expect(eve.member.role).toBe('member');
  });

  test('five wrong answers: removed, each with a new text, the last announced', () => {
    const { bot, group } = begin();
    const dan = group.joins('dan');
    let [, captcha] = dan.heard();
    const notices: string[] = [];
    for (let attempt = 1; attempt < 5; attempt++) {
      const [notice, next] = dan.says(`${captcha!}x`);
      notices.push(notice!);
      expect(next).not.toBe(captcha);
      captcha = next;
    }
    expect(notices.map((notice) => /last attempt/.test(notice))).toEqual([false, false, false, true]);
    expect(dan.says('wrong')).toEqual([expect.stringContaining('too many attempts')]);
    expect(dan.member.status).toBe('removed');
    expect(bot.directory.stats.joins.get('captcha-failed')).toBe(1);
  });

  test('a text of before is wrong', () => {
    const { group } = begin();
    const dan = group.joins('dan');
    const [, first] = dan.heard();
    dan.says('wrong');
    expect(dan.says(first!)[0]).toContain('Incorrect');
    expect(dan.member.status).toBe('pending_approval');
  });

  test('expires after ten minutes, which counts as no attempt', () => {
    const { bot, group } = begin();
    const dan = group.joins('dan');
    const [, first] = dan.heard();
    bot.pass(601_000);
    const [notice, second] = dan.says(first!);
    expect(notice).toContain('expired');
    bot.pass(599_000);
    for (let attempt = 1; attempt < 5; attempt++) expect(dan.says('wrong')[0]).toContain('Incorrect');
    expect(second).toBe('second8');
    expect(dan.says('wrong')[0]).toContain('too many');
  });

  test('that is not on record is asked anew', () => {
    const { bot, group } = begin();
    const dan = group.joins('dan');
    dan.heard();
    bot.run((step) => step.records.list('captcha', '').forEach(({ key }) => step.records.remove('captcha', key)));
    expect(dan.says('first7A')).toEqual([expect.stringContaining('not expected'), 'second8']);
  });

  test('survives a restart', () => {
    const { bot, group } = begin();
    const dan = group.joins('dan');
    const [, captcha] = dan.heard();
    bot.restart();
    dan.says(captcha!);
    expect(dan.member.status).toBe('connected');
  });

  test.each(['/help', '.', '/unknown x', '/audio'])('%s is no answer, and no attempt', (command) => {
    const { group } = begin();
    const dan = group.joins('dan');
    const [, captcha] = dan.heard();
    for (let time = 0; time < 6; time++) expect(dan.says(command)).toEqual(['Unknown command, please enter captcha text.']);
    dan.says(captcha!);
    expect(dan.member.status).toBe('connected');
  });

  test('is not needed any more when the filter was turned off', () => {
    const { bob, group } = begin();
    const dan = group.joins('dan');
    bob.says('/filter 1 off');
    dan.says('hello?');
    expect(dan.member.status).toBe('connected');
  });

  test('is still needed with --always-captcha', () => {
    const { bob, group } = begin({ alwaysCaptcha: true });
    const dan = group.joins('dan');
    bob.says('/filter 1 off');
    dan.says('hello?');
    expect(dan.member.status).toBe('pending_approval');
  });

  test('is forgotten with who leaves', () => {
    const { bot, group } = begin();
    const dan = group.joins('dan');
    group.leaves(dan.member);
    expect(bot.records.size('captcha')).toBe(0);
  });

  test('many wrong answers at once are counted each', () => {
    const { bot, group } = begin();
    const dan = group.joins('dan');
    bot.run((step) => {
      for (let number = 0; number < 20; number++) {
        const container = { content: { type: 'text', text: 'wrong' } } as const;
        const member = step.member(1, dan.memberNumber)!;
        if (member.status !== 'pending_approval') return;
        bot.directory.onEvent({ type: 'group-message', group: group.group, member, message: { msgId: 'x', container, at: '' }, support: member }, step);
      }
    });
    expect(dan.member.status).toBe('removed');
    expect(dan.heard().filter((text) => text.includes('Incorrect'))).toHaveLength(5);
  });

  test('who floods what is not counted is not answered', () => {
    const { group } = begin();
    const dan = group.joins('dan');
    const answers = Array.from({ length: 100 }, () => dan.says('/help').length);
    expect(answers.filter((count) => count > 0).length).toBeLessThanOrEqual(20);
  });
});
