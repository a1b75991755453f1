/** Any text is a command, a search or an error, in time linear in its length (directory §3.5). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFilter, parseFilter } from '../src/admission/filter.ts';
import { nameIn, quotedName, shownName } from '../src/commands/names.ts';
import { parseCommand } from '../src/commands/parse.ts';

const NOBODY = () => null;

test('nothing makes the parser throw; what is no command is a search for all of it', () => {
  const words = fc.constantFrom('/', '/approve', '/role', '/filter', '1:', "'", 'PSA', '1', 'promote=on', ' ', '\n', ':', '.', 'on', 'name=all', '#', '@', '\u0000');
  const text = fc.oneof(fc.string({ maxLength: 200 }), fc.array(words, { maxLength: 12 }).map((all) => all.join('')));
  fc.assert(fc.property(text, (written) => {
    const command = parseCommand(written, NOBODY);
    if (!written.startsWith('/')) expect(command.type).toBe(written.trimEnd() === '.' ? 'next' : 'search');
    else expect(command.type).not.toBe('search');
  }), { numRuns: 2000 });
});

test('a name that is quoted by the bot is read back, whatever it is', () => {
  const name = fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom('a', 'b', ' ', "'", '#', '@', '1', '\n', 'é', ':') }).filter((one) => shownName(one) !== '');
  fc.assert(fc.property(name, (actual) => {
    const command = parseCommand(`/approve 7:${quotedName(actual)} 12 promote=on`, () => actual);
    expect(command).toEqual({ type: 'approve', group: { id: 7, name: actual }, code: 12, promote: true });
  }), { numRuns: 1000 });
});

test('another name is found in quotes, or up to the next space', () => {
  expect(nameIn("'a b' 1", null)).toEqual({ name: 'a b', rest: ' 1' });
  expect(nameIn("'it's' 1", null)).toEqual({ name: "it's", rest: ' 1' });
  expect(nameIn('ab 1', null)).toEqual({ name: 'ab', rest: ' 1' });
  expect(nameIn('PSA2 1', 'PSA')).toEqual({ name: 'PSA2', rest: ' 1' });
  for (const wrong of ['', ' a', '#a', '@a', "'a", "''", "'#a'", "' a'"]) expect(nameIn(wrong, null), wrong).toBeNull();
});

test('a filter is read as it is written', () => {
  const scope = fc.constantFrom<'all' | 'noImage' | null>('all', 'noImage', null);
  fc.assert(fc.property(scope, scope, scope, (rejectNames, passCaptcha, makeObserver) => {
    const filter = { rejectNames, passCaptcha, makeObserver };
    expect(parseFilter(formatFilter(filter))).toEqual(filter);
  }));
  fc.assert(fc.property(fc.string({ maxLength: 100 }), (args) => { parseFilter(args); }));
});

test('long hostile texts are parsed at once', () => {
  const before = process.cpuUsage();
  for (const text of [`/approve 1:${"'a ".repeat(5000)}`, `/filter 1 ${'name '.repeat(3000)}`, `/${'a'.repeat(15_000)}`, `/role 1:'${' '.repeat(15_000)}`, `${' '.repeat(15_000)}x`, '/help '.repeat(2500)]) {
    parseCommand(text, () => 'PSA');
  }
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
});

test.each([
  ['/approve 5:PSA 3', { type: 'approve', group: { id: 5, name: 'PSA' }, code: 3, promote: null }],
  ['/approve 5:PSA 3 promote=off', { type: 'approve', group: { id: 5, name: 'PSA' }, code: 3, promote: false }],
  ['/approve 5:PSA', { type: 'error' }],
  ['/approve 5:PSA x', { type: 'error' }],
  ['/approve 5:PSA 3 promote=yes', { type: 'error' }],
  ['/approve 5 3', { type: 'error' }],
  ['/approve 9999999999:PSA 3', { type: 'error' }],
  ['/owner 5:PSA  some  text\nmore ', { type: 'owner', group: { id: 5, name: 'PSA' }, text: 'some  text\nmore' }],
  ['/promote 5:PSA on', { type: 'promote', group: { id: 5, name: 'PSA' }, isOn: true }],
  ['/promote 5:PSA', { type: 'error' }],
  ['/last 20', { type: 'last', count: 20 }],
  ['/pending', { type: 'pending', count: 10 }],
  ['/pending -1', { type: 'error' }],
  ['/x /contacts', { type: 'exec', text: '/contacts' }],
  ['/exec', { type: 'error' }],
  ['/role 1 observer', { type: 'role', group: { id: 1, name: null }, role: 'observer' }],
  ['/role 1:PSA', { type: 'role', group: { id: 1, name: 'PSA' }, role: null }],
  ['/all ', { type: 'all' }],
  [' /all', { type: 'search', text: ' /all' }],
  ['', { type: 'search', text: '' }],
])('%s', (text, command) => {
  expect(parseCommand(text, NOBODY)).toEqual(command);
});
