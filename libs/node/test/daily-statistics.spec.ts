/** Statistics of a day: lines of CSV, and counters that outlive the process. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY, HOUR, SECOND } from '@polyplex/base';
import { ActiveCounts, type Logger, silentLogger } from '@polyplex/telemetry';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DailyStatistics, openDailyStatistics, type StatisticsSource } from '../src/index.ts';

const SATURDAY = Date.parse('2024-03-30T22:00:00Z');

let folder: string;
let clock: FakeClock;
let errors: string[];
let opened: DailyStatistics[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-statistics-'));
  clock = createFakeClock(SATURDAY);
  errors = [];
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((statistics) => statistics.close().catch(() => undefined)));
  await rm(folder, { recursive: true, force: true });
});

const log: Logger = { ...silentLogger, error: (message) => errors.push(message) };

/** A process that counts. */
function counting(queues: number | null = 7) {
  const counts = { made: 0, 'relays.asked': 0, lasting: 0 };
  const active = new ActiveCounts(clock, new Uint8Array(8));
  const source: StatisticsSource = {
    counters: () => ({ ...counts }),
    gauges: () => (queues === null ? Promise.reject(new Error('no store')) : Promise.resolve({ queues })),
    active: { used: active },
    lasting: ['lasting'],
    columns: ['made', 'used.day', 'used.week', 'used.month', 'relays.asked', 0, 'queues', 'lasting'],
    lines: ['made', 'queues', 'used.dayHashes', 'relays.asked', 'lasting'],
  };
  return { counts, active, source };
}

async function open(source: StatisticsSource): Promise<DailyStatistics> {
  const statistics = await openDailyStatistics({ folder, name: 'test', clock, log, source });
  opened.push(statistics);
  return statistics;
}

const linesOf = async (): Promise<string[]> => (await readFile(join(folder, 'test-daily.csv'), 'utf8')).split('\n').slice(0, -1);
const stateOf = (): Promise<string> => readFile(join(folder, 'test-statistics.txt'), 'utf8');
const id = (first: number): Uint8Array => new Uint8Array(24).fill(first);

test('a line at midnight, then counters begin again but for those that last; week and month when they end', async () => {
  const { counts, active, source } = counting();
  const statistics = await open(source);
  Object.assign(counts, { made: 3, 'relays.asked': 2, lasting: 5 });
  active.add(id(1));
  clock.advance(2 * HOUR); // Sunday, the 31st
  await statistics.save();
  expect(await linesOf()).toEqual(['2024-03-30,3,1,,,2,0,7,5']);
  expect(statistics.counters()).toEqual({ made: 0, 'relays.asked': 0, lasting: 5 });
  counts.made = 4;
  active.add(id(2));
  clock.advance(DAY); // Monday, the 1st
  await statistics.save();
  expect((await linesOf())[1]).toBe('2024-03-31,1,1,2,2,0,0,7,5');
});

test('the state is as the reference writes it, with blocks, and ours after it', async () => {
  const { counts, source } = counting();
  const statistics = await open(source);
  Object.assign(counts, { made: 3, 'relays.asked': 2 });
  await statistics.save();
  const text = await stateOf();
  expect(text.split('\n').slice(0, 8)).toEqual([
    'fromTime=2024-03-30T22:00:00.000Z', 'made=3', 'queues=7', 'used:', 'dayHashes=', 'relays:', 'asked=2', 'lasting=0',
  ]);
  expect((await stat(join(folder, 'test-statistics.txt'))).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['test-statistics.txt']);
});

test('another process goes on where the one before ended', async () => {
  const before = counting();
  const first = await open(before.source);
  Object.assign(before.counts, { made: 3, 'relays.asked': 2, lasting: 5 });
  before.active.add(id(1));
  await first.close();
  const after = counting();
  const second = await open(after.source);
  after.counts.made = 1;
  after.active.add(id(1));
  expect(second.counters()).toEqual({ made: 4, 'relays.asked': 2, lasting: 5 });
  expect(second.from).toEqual(new Date(SATURDAY));
  clock.advance(2 * HOUR);
  await second.save();
  expect(await linesOf()).toEqual(['2024-03-30,4,1,,,2,0,7,5']);
});

test('a day that ended while nothing ran gets its line at the next start, and only one', async () => {
  const before = counting();
  const first = await open(before.source);
  before.counts.made = 3;
  before.active.add(id(1));
  await first.close();
  const state = await stateOf();
  clock.advance(3 * DAY);
  const second = await open(counting().source);
  expect(await linesOf()).toEqual(['2024-03-30,3,1,1,1,0,0,7,0']);
  expect(second.counters()).toEqual({ made: 0, 'relays.asked': 0, lasting: 0 });
  await second.close();
  // As after a crash between the line and the new state.
  await writeFile(join(folder, 'test-statistics.txt'), state);
  await open(counting().source);
  expect(await linesOf()).toHaveLength(1);
});

test('the state is written every few minutes', async () => {
  const { counts, source } = counting();
  const statistics = await open(source);
  counts.made = 9;
  clock.advance(5 * 60 * SECOND);
  await expect.poll(stateOf).toContain('made=9');
  expect(statistics.counters().made).toBe(9);
});

test('what the store does not say is empty, and the counters are written all the same', async () => {
  const { counts, source } = counting(null);
  const statistics = await open(source);
  counts.made = 3;
  clock.advance(2 * HOUR);
  await statistics.save();
  expect(await linesOf()).toEqual(['2024-03-30,3,0,,,0,0,,0']);
  expect(await stateOf()).toContain('queues=\n');
});

test('lines that say nothing are left out, and a time in the future is now', async () => {
  await writeFile(join(folder, 'test-statistics.txt'), 'fromTime=2030-01-01T00:00:00Z\nmade=many\nrelays:\nasked=4\r\nlasting=6\nodd line\n\nqueues\n');
  const statistics = await open(counting().source);
  expect(statistics.counters()).toEqual({ made: 0, 'relays.asked': 4, lasting: 6 });
  expect(statistics.from).toEqual(new Date(SATURDAY));
});

test('a folder that cannot be written is said, once for whoever asks and in the log for the work of the clock', async () => {
  const statistics = await open(counting().source);
  await rm(folder, { recursive: true });
  await writeFile(folder, '');
  await expect(statistics.save()).rejects.toThrow();
  clock.advance(5 * 60 * SECOND);
  await expect.poll(() => errors).toEqual(['statistics cannot be written']);
});
