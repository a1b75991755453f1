import { expect, test } from 'vitest';
import { nameOf, StepTimes } from './step-times.ts';

test('a server keeps its times, and those beyond a bound share theirs', () => {
  const times = new StepTimes();
  const at = (port: number) => times.of({ host: '10.0.0.1', port });
  const first = at(1);
  for (let port = 1; port <= 64; port++) at(port);
  expect(times.byName.size).toBe(64);
  const other = at(65);
  expect([at(66), at(1000)]).toEqual([other, other]);
  expect(at(66)).toBe(other);
  expect(at(1)).toBe(first);
  expect([...times.byName.keys()].at(-1)).toBe('other');
  expect(times.byName.size).toBe(65);
});

test('an IPv6 address is told from its port', () => {
  expect(nameOf({ host: '2001:db8::1', port: 6379 })).toBe('[2001:db8::1]:6379');
});
