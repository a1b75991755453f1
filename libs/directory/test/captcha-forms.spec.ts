/** Captchas as images and voices, and posts that a group forbids (directory §3.7). */
import type { MessageContainer } from '@polyplex/protocol-chat';
import { describe, expect, test } from 'vitest';
import { begin } from './support/admission.ts';

describe('generators', () => {
  const PNG = `data:image/png;base64,${'A'.repeat(100)}`;

  test('make an image, sent when it is made', async () => {
    const made: string[] = [];
    const { bot, group } = begin({ generators: { image: (text) => (made.push(text), Promise.resolve(`${PNG}\nmore\n`)) } });
    const dan = group.joins('dan');
    expect(dan.heard()).toEqual([expect.stringContaining('*PSA*')]);
    expect(dan.says('now?')).toEqual([expect.stringContaining('being made')]);
    await bot.directory.settled();
    expect(dan.heardMessages().map(({ content }) => content)).toEqual([{ type: 'image', text: '', image: PNG }]);
    expect(made).toEqual(['first7A']);
    dan.says('first7A');
    expect(dan.member.status).toBe('connected');
  });

  test.each([
    ['fails', () => Promise.reject(new Error('x'))],
    ['answers nothing', () => Promise.resolve('')],
    ['answers too much', () => Promise.resolve(`data:image/png;base64,${'A'.repeat(12_500)}`)],
    ['answers something else', () => Promise.resolve('<svg/>')],
  ] as const)('an image generator that %s: text', async (_name, image) => {
    const { bot, group } = begin({ generators: { image } });
    const dan = group.joins('dan');
    dan.heard();
    await bot.directory.settled();
    expect(dan.heard()).toEqual(['first7A']);
    expect(bot.directory.stats.generatorFailures.get('image')).toBe(1);
  });

  test('that never answer are given up', async () => {
    const { bot, group } = begin({ generators: { image: () => new Promise<string>(() => {}) } });
    const dan = group.joins('dan');
    bot.pass(60_000);
    await bot.directory.settled();
    expect(dan.heard()).toHaveLength(2);
  });

  test('whose work comes when the joiner is gone, or has another text, send nothing', async () => {
    const { bot, group } = begin({ generators: { image: () => Promise.resolve(PNG) } });
    const dan = group.joins('dan');
    group.leaves(dan.member);
    dan.heard();
    await bot.directory.settled();
    expect(dan.heard()).toEqual([]);
  });

  test('of which too many wait: text at once', async () => {
    let working = 0;
    const { bot, group } = begin({ generators: { image: () => (working += 1, new Promise<string>(() => {})) } });
    const joiners = Array.from({ length: 110 }, (_, number) => group.joins(`j${number}`));
    await new Promise(setImmediate);
    expect(working).toBe(4);
    expect(joiners.filter((joiner) => joiner.heard().length === 2)).toHaveLength(6);
    for (let round = 0; round < 30; round++) {
      bot.pass(60_000);
      await new Promise(setImmediate);
    }
    await bot.directory.settled();
    expect(working).toBe(104);
  });

  test('lost in a restart: asked anew after a while', () => {
    const { bot, group } = begin({ generators: { image: () => new Promise<string>(() => {}) } });
    const dan = group.joins('dan');
    bot.restart();
    bot.pass(121_000);
    expect(dan.says('hello')[0]).toContain('expired');
  });
});

describe('voice', () => {
  function withVoice(voice: (text: string) => Promise<void> = () => Promise.resolve(), preferences = {}) {
    const spoken: string[] = [];
    const scene = begin({ generators: { voice: (text) => (spoken.push(text), voice(text)) } });
    scene.group.changes({ groupPreferences: preferences });
    return { ...scene, spoken };
  }

  test('/audio: the same text, said already, and both forms from then on', async () => {
    const { bot, group, spoken } = withVoice();
    const dan = group.joins('dan');
    const [notice, captcha] = dan.heard();
    expect(notice).toContain('/audio');
    expect(dan.says('/audio')[0]).toContain('voice message');
    await bot.directory.settled();
    expect(spoken).toEqual([captcha]);
    expect(dan.says('/audio')[0]).toContain('already enabled');
    const [, next] = dan.says('wrong');
    await bot.directory.settled();
    expect(spoken).toEqual([captcha, next]);
    expect(bot.directory.stats.captchas.get('voice')).toBe(2);
    dan.says(next!);
    expect(dan.member.status).toBe('connected');
  });

  test.each([
    ['on', 'member', 16, true],
    ['off', 'member', 17, true],
    ['off', 'member', 16, false],
    ['on', 'owner', 16, false],
    ['on', 'owner', 17, true],
  ] as const)('%s for %s, a client of version %i: %s', (enable, role, max, possible) => {
    const { group } = withVoice(undefined, { voice: { enable, role } });
    const dan = group.joins('dan', {}, { min: 1, max });
    expect(dan.heard()[0]!.includes('/audio')).toBe(possible);
    expect(dan.says('/audio')[0]).toContain(possible ? 'voice message' : 'v6.5');
  });

  test('of a text that is replaced meanwhile: whether it was made is nothing to anybody', async () => {
    const fail: (() => void)[] = [];
    const { bot, group } = withVoice(() => new Promise((_resolve, reject) => fail.push(() => reject(new Error('x')))));
    const dan = group.joins('dan');
    dan.says('/audio');
    dan.says('wrong');
    fail[0]!();
    await new Promise(setImmediate);
    expect(dan.heard()).toEqual([]);
    fail[1]!();
    await bot.directory.settled();
    expect(dan.heard()).toEqual([expect.stringContaining('could not be made')]);
  });

  test('that cannot be made is said', async () => {
    const { bot, group } = withVoice(() => Promise.reject(new Error('x')));
    const dan = group.joins('dan');
    dan.says('/audio');
    await bot.directory.settled();
    expect(dan.heard()).toEqual([expect.stringContaining('could not be made')]);
  });
});

describe('--prohibited-to-observer', () => {
  const PREFERENCES = { groupPreferences: { voice: { enable: 'off' }, files: { enable: 'on', role: 'admin' }, simplexLinks: { enable: 'off' } } } as const;
  const FILE = { fileName: 'x', fileSize: 1 };

  test.each<[string, MessageContainer, boolean]>([
    ['voice', { content: { type: 'voice', text: '', duration: 1 } }, true],
    ['a file', { content: { type: 'file', text: '' }, file: FILE }, true],
    ['a link', { content: { type: 'text', text: `join https://smp1.example/g#${'A'.repeat(43)}` } }, true],
    ['a full link', { content: { type: 'text', text: 'simplex:/invitation#/?v=2-7&smp=smp%3A%2F%2Fx&e2e=y' } }, true],
    ['a card', { content: { type: 'chat', text: '', chatLink: { type: 'unknown', json: {} } } }, true],
    ['a text', { content: { type: 'text', text: 'see https://example.com' } }, false],
    ['a preview', { content: { type: 'image', text: '', image: '' } }, false],
  ])('%s: %#', (_name, container, prohibited) => {
    const { bot, group } = begin({ prohibitedToObserver: true }, 'off');
    group.changes(PREFERENCES);
    const dan = group.joins('dan');
    dan.sends(container);
    expect(dan.member.role).toBe(prohibited ? 'observer' : 'member');
    expect(bot.done.some((done) => done.startsWith('moderate'))).toBe(prohibited);
  });

  test('moderators may, and without the option all may', () => {
    const link = { content: { type: 'text', text: `https://smp1.example/g#${'A'.repeat(43)}` } } as const;
    const withOption = begin({ prohibitedToObserver: true }, 'off');
    withOption.group.changes(PREFERENCES);
    const dan = withOption.group.joins('dan');
    withOption.bot.state.setMember(dan.member, { role: 'moderator' });
    dan.sends(link);
    expect(dan.member.role).toBe('moderator');
    const without = begin({}, 'off');
    without.group.changes(PREFERENCES);
    const eve = without.group.joins('eve');
    eve.sends(link);
    expect(eve.member.role).toBe('member');
  });
});
