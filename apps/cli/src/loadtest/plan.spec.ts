import { expect, test } from 'vitest';
import { planOf } from './plan.ts';

const KEY = 'LcJUMfVhwD8yxjAiSaDzzGF3-kLG4Uh0Fl_ZIjrRwjI=';
const flags = (given: object) => ({ target: `smp://${KEY}:secret@example.org`, scenario: 'chat', profile: 'smoke', out: 'x', workers: 1, admin: [], deliveryP99: 1000, messagesPerDay: 100, ...given }) as Parameters<typeof planOf>[0];

test('sizes are the profile\'s, unless said otherwise', () => {
  expect(planOf(flags({}))).toMatchObject({ users: 12, rate: 10, seconds: 10 });
  expect(planOf(flags({ profile: 'soak', users: 7, duration: 60 }))).toMatchObject({ users: 7, rate: 50, seconds: 60 });
});

test.each([
  ['without a password', { target: `smp://${KEY}@example.org` }, /attack/],
  ['a file server without a password', { files: `xftp://${KEY}@example.org` }, /attack/],
  ['that is none', { target: 'example.org' }, /smp:\/\/<fingerprint>/],
  ['of the other kind', { target: `xftp://${KEY}:secret@example.org` }, /smp:\/\/<fingerprint>/],
  ['that is missing for files', { scenario: 'files' }, /--files/],
])('an address %s is refused', (_, given, message) => {
  expect(() => planOf(flags(given))).toThrow(message);
});

test('a server of one\'s own without a password is tested when one says so', () => {
  expect(planOf(flags({ target: `smp://${KEY}@example.org`, allowForeign: true })).target.password).toBeNull();
});
