/** What one contact can cost, and other bots; hostile input never stops the bot (directory §3, issue "bad input"). */
import { describe, expect, test } from 'vitest';
import { StoreError } from '@polyplex/store-contract';
import { Directory } from '../src/directory.ts';
import { AskerLimits } from '../src/limits/asker-limits.ts';
import { fitting, MAX_CONTENT_BYTES, shortened } from '../src/message-size.ts';
import { Bot } from './support/bot.ts';

describe('a contact', () => {
  test('who asks too fast is told so once, and answered again after a while', () => {
    const bot = new Bot();
    bot.person('alice');
    const bob = bot.person('bob');
    const answers = Array.from({ length: 100 }, (_, number) => bob.says(`word${number}`));
    expect(answers.filter(([answer]) => answer === 'No groups found')).toHaveLength(20);
    expect(answers.flat().filter((answer) => answer.includes('wait a minute'))).toHaveLength(1);
    expect(bot.directory.stats.unanswered.get('rate')).toBe(80);
    bot.pass(3000);
    expect(bob.says('word')).toEqual(['No groups found']);
    expect(bob.says('more')).toHaveLength(1);
    bot.pass(60_000);
    expect(Array.from({ length: 30 }, (_, number) => bob.says(`more${number}`)).filter(([answer]) => answer === 'No groups found')).toHaveLength(20);
  });

  test('who never stops is answered some hundred times a day', () => {
    const limits = new AskerLimits();
    let answered = 0;
    for (let second = 0; second < 24 * 3600; second++) if (limits.take({ key: 'a', now: second * 1000, kind: 'person', text: null }) === 'answer') answered += 1;
    expect(answered).toBeGreaterThan(900);
    expect(answered).toBeLessThan(1000);
  });

  test('who says the same again and again is not answered', () => {
    const bot = new Bot();
    bot.person('alice');
    const bob = bot.person('bob');
    expect(Array.from({ length: 10 }, () => bob.says('hello').length).reduce((sum, count) => sum + count)).toBe(5);
    expect(bob.says('other')).toHaveLength(1);
    bot.pass(61_000);
    expect(bob.says('hello')).toHaveLength(1);
  });

  test('may ask for pages by the same text', () => {
    const bot = new Bot();
    bot.person('alice');
    const bob = bot.person('bob');
    for (let page = 0; page < 15; page++) expect(bob.says('.')).toHaveLength(1);
  });

  test('who invites too fast is not answered, and nothing is registered', () => {
    const bot = new Bot();
    bot.person('alice');
    const bob = bot.person('bob');
    for (let number = 0; number < 50; number++) bob.invites(`g${number}`);
    expect(bot.records.size('registration')).toBe(20);
  });

  test('that is an admin is not limited', () => {
    const alice = new Bot().person('alice');
    for (let number = 0; number < 100; number++) expect(alice.says('/last')).toHaveLength(1);
  });

  test('that is a bot is answered a few times, whatever it says', () => {
    const bot = new Bot();
    bot.person('alice');
    const robot = bot.person('robot', { peerType: 'bot' });
    let said = 'hello';
    let answered = 0;
    for (let turn = 0; turn < 100; turn++) {
      const answers = robot.says(`${said} ${turn}`);
      answered += answers.length;
      said = answers[0] ?? said;
      bot.pass(1000);
    }
    expect(answered).toBe(5);
  });
});

test('two directories do not keep each other talking', () => {
  const [one, two] = [new Bot(), new Bot()];
  one.person('alice');
  two.person('alice');
  const twoAtOne = one.person('SimpleX Directory', { peerType: 'bot' });
  const oneAtTwo = two.person('SimpleX Directory', { peerType: 'bot' });
  let words: readonly string[] = ['hello'];
  let total = 0;
  for (let turn = 0; turn < 50 && words.length > 0; turn++) {
    words = words.flatMap((word) => (turn % 2 === 0 ? twoAtOne : oneAtTwo).says(word));
    total += words.length;
  }
  expect(total).toBeLessThanOrEqual(10);
  expect(words).toEqual([]);
});

test('who asks is remembered within bounds', () => {
  const limits = new AskerLimits();
  for (let number = 0; number < 30_000; number++) limits.take({ key: `c${number}`, now: number, kind: 'person', text: `${number}`.repeat(50) });
  expect(limits.size).toBeLessThanOrEqual(20_000);
  expect(limits.size).toBeGreaterThan(15_000);
});

test('a clock that goes back gives nothing', () => {
  const limits = new AskerLimits();
  const take = (now: number) => limits.take({ key: 'a', now, kind: 'person', text: null });
  for (let number = 0; number < 20; number++) expect(take(1_000_000)).toBe('answer');
  expect(take(0)).toBe('slow-down');
  expect(take(1)).toBe('rate');
  expect(take(3001)).toBe('answer');
});

describe('a group that changes again and again', () => {
  test('hides with each change, and admins are told ten times, then what became of it', () => {
    const bot = new Bot();
    const alice = bot.person('alice');
    const bob = bot.person('bob');
    const group = bob.registers('PSA');
    group.approvedBy(alice);
    alice.heard();
    for (let number = 1; number <= 100; number++) group.changes({ description: `text ${number}` });
    expect(group.state).toBe('pending_approval:100');
    expect(alice.heard()).toHaveLength(30);
    expect(bob.heard()).toHaveLength(10);
    const sweep = () => bot.run((step) => bot.directory.sweep(step));
    sweep();
    expect(alice.heard()).toEqual([]);
    bot.pass(600_000);
    sweep();
    expect(alice.heard()).toEqual([expect.stringContaining('changed many times'), expect.stringContaining('text 100'), '/approve 1:PSA 100']);
    expect(bob.heard()).toEqual([expect.stringContaining('pending admin approval now')]);
    bot.pass(600_000);
    sweep();
    expect(alice.heard()).toEqual([]);
  });

  test('in its roles: the same', () => {
    const bot = new Bot();
    const alice = bot.person('alice');
    const group = bot.person('bob').registers('PSA');
    group.approvedBy(alice);
    alice.heard();
    for (let number = 0; number < 50; number++) group.setBotRole(number % 2 === 0 ? 'member' : 'admin');
    expect(alice.heard()).toHaveLength(10);
    expect(group.state).toBe('active');
  });
});

describe('sizes', () => {
  test('a text is cut in whole characters, to what fits', () => {
    for (const text of ['😀'.repeat(8000), '"'.repeat(14_000), '\u0000'.repeat(9000), 'é'.repeat(9000), `a${'😀'.repeat(8000)}`]) {
      const cut = shortened(text, MAX_CONTENT_BYTES);
      expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
      expect(Buffer.byteLength(JSON.stringify(cut))).toBeGreaterThan(MAX_CONTENT_BYTES - 20);
      expect(cut.isWellFormed()).toBe(true);
    }
    expect(shortened('abc', 100)).toBe('abc');
  });

  test('an image goes before the text', () => {
    const image = 'A'.repeat(12_000);
    expect(fitting({ type: 'image', text: 'x'.repeat(1000), image })).toMatchObject({ type: 'image' });
    expect(fitting({ type: 'image', text: 'x'.repeat(5000), image })).toEqual({ type: 'text', text: 'x'.repeat(5000) });
  });
});

describe('hostile input', () => {
  test('of any size and kind is answered or passed over', () => {
    const bot = new Bot();
    const alice = bot.person('alice');
    const bob = bot.person('bob');
    const texts = ['\ud800', '\0', 'x'.repeat(15_000), `/${'\n'.repeat(1000)}`, 'https://'.repeat(1800), `simplex:/g#${'A'.repeat(15_000)}`, '/approve 1:__proto__ 1', "/role 1:'", '￿', '/filter 1 __proto__'];
    for (const text of texts) for (const person of [alice, bob]) person.says(text);
    for (const name of ['__proto__', '', ' ', "'", '\n', 'x'.repeat(5000), '\ud800', '#x']) {
      const group = bob.invites(name, { profile: { description: 'https://'.repeat(1800), fullName: '\u202e' } });
      group.changes({ description: '\0'.repeat(3000) });
      bob.says('/list');
      bot.pass(60_000);
    }
    expect(bot.directory.stats.faults.value).toBe(0);
  });

  test('that meets a bug stops nothing; where the store fails, the step fails', () => {
    const bot = new Bot();
    const bob = bot.person('bob');
    const broken = new Directory({ superUsers: [] });
    const said = (code: Error) => bot.run((step) => {
      broken.load(step);
      const failing = new Proxy(step, { get: (target, key) => {
        if (key === 'sendToContact') return () => { throw code; };
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) as unknown : value;
      } });
      broken.onEvent({ type: 'direct-message', contact: bob.contact, message: { msgId: 'x', at: '', container: { content: { type: 'text', text: '/help' } } } }, failing);
    });
    said(new TypeError('x'));
    expect(broken.stats.faults.value).toBe(1);
    expect(() => said(new StoreError('FULL', 'x'))).toThrow(StoreError);
  });
});

test('options beyond bounds are refused', () => {
  for (const options of [{ pageSize: 0 }, { pageSize: 51 }, { maxRegistrations: 0 }, { profileNameLimit: 1.5 }, { linkCheckMs: -1 }, { linkCheckMs: 0.5 }]) {
    expect(() => new Directory({ superUsers: [], ...options })).toThrow(expect.objectContaining({ code: 'OPTIONS' }));
  }
});

test('records of a newer version are refused', () => {
  const bot = new Bot();
  bot.person('alice');
  bot.run((step) => step.records.put('directory-meta', 'format', 3));
  expect(() => bot.restart()).toThrow(expect.objectContaining({ code: 'FORMAT' }));
});
