/** What is written of a log, in which form, how often, and what is kept of it. */
import { createFakeClock } from '@polyplex/testing';
import { expect, test } from 'vitest';
import { nodeLog } from '../src/index.ts';

const NOW = '2023-11-14T22:13:20.000Z';

function logOf(format: 'text' | 'json', level: 'debug' | 'info' | 'warn' | 'error' = 'info') {
  const lines: string[] = [];
  const clock = createFakeClock();
  return { lines, clock, log: nodeLog({ level, format }, (line) => lines.push(line), clock) };
}

test('json is one object a line, with the facts beside time, level and message', () => {
  const { log, lines } = logOf('json');
  log.info('it works', { share: 0.5, name: 'a "b"\n', nothing: null, unknown: undefined });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(lines[0]!)).toEqual({ time: NOW, level: 'info', message: 'it works', share: 0.5, name: 'a "b"\n', nothing: null });
});

test('text is for people, a line each, whatever the facts hold', () => {
  const { log, lines } = logOf('text');
  log.warn('store failed', { code: 'FULL', reason: 'two\nlines' });
  expect(lines).toEqual([`${NOW} warn  store failed code="FULL" reason="two\\nlines"\n`]);
});

test('a fact does not take the name of what every line has', () => {
  const { log, lines } = logOf('json');
  log.error('failed', { level: 'high', message: 'other', time: 1 });
  expect(JSON.parse(lines[0]!)).toEqual({ time: NOW, level: 'error', message: 'failed', level_: 'high', message_: 'other', time_: 1 });
});

test('the level changes while it runs, and nothing but a level is taken', () => {
  const { log, lines } = logOf('json');
  log.debug('before');
  log.control.setLevel('debug');
  log.debug('after');
  expect(log.control.level).toBe('debug');
  log.control.setLevel('error');
  log.warn('too low');
  log.control.setLevel('silent' as never);
  log.error('still');
  expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['after', 'still']);
  expect(log.control.level).toBe('error');
});

test('of a message five lines are written in ten seconds, and how many more there were', () => {
  const { log, lines, clock } = logOf('text');
  for (let i = 0; i < 100; i++) log.error('command failed', { number: i });
  log.error('another');
  expect(lines).toHaveLength(6);
  clock.advance(9_999);
  expect(lines).toHaveLength(6);
  clock.advance(1);
  expect(lines.slice(6)).toEqual(['2023-11-14T22:13:30.000Z error command failed repeated=95 seconds=10\n']);
  log.error('command failed');
  expect(lines).toHaveLength(8);
  clock.advance(60_000);
  expect(lines).toHaveLength(8);
  expect(clock.pending).toBe(0);
});

test('what was held back is told before the end', () => {
  const { log, lines } = logOf('text');
  for (let i = 0; i < 7; i++) log.info('hello');
  log.flush();
  expect(lines.at(-1)).toContain('hello repeated=2');
  log.flush();
  expect(lines).toHaveLength(6);
});

test('messages without end take bounded memory and are all written', () => {
  const { log, lines, clock } = logOf('text');
  for (let i = 0; i < 5000; i++) log.info(`number ${i}`);
  expect(lines).toHaveLength(5000);
  for (let i = 0; i < 5000; i++) log.warn(`number ${i}`);
  expect(log.control.recent()).toHaveLength(50);
  clock.advance(20_000);
  expect(clock.pending).toBe(0);
});

test('the latest warnings and errors are kept, also those that are not written, with how often they came', () => {
  const { log, lines, clock } = logOf('text', 'error');
  log.warn('limits go by this one alone');
  log.info('not kept');
  log.error('store failed', { code: 'FULL' });
  clock.advance(5000);
  for (let i = 0; i < 9; i++) log.warn('limits go by this one alone');
  expect(lines).toHaveLength(1);
  expect(log.control.recent()).toEqual([
    { at: NOW, level: 'error', message: 'store failed', count: 1 },
    { at: '2023-11-14T22:13:25.000Z', level: 'warn', message: 'limits go by this one alone', count: 10 },
  ]);
});
