/** The audit log on a real disk. */
import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY } from '@polyplex/base';
import { openAuditFile } from './audit-file.ts';

const ID = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const BLOCK = { role: 'admin', action: 'queue block', target: 'x', reason: 'spam', result: 'ok' } as const;

let folder: string;
let now: number;
const clock = { now: () => now };
const path = () => join(folder, 'inner', 'audit.log');
const openLog = (options = {}) => openAuditFile(path(), { clock, ...options });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-audit-'));
  now = Date.UTC(2026, 0, 1, 10);
});
afterEach(() => rm(folder, { recursive: true }));

describe('the audit log', () => {
  it('has a JSON line for each step, in order, and the next process goes on', async () => {
    const log = await openLog();
    await Promise.all([log.append(BLOCK), log.append({ ...BLOCK, action: 'queue unblock', reason: null })]);
    now += 1000;
    await (await openLog()).append({ ...BLOCK, result: 'missing' });
    const lines = (await readFile(path(), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      { time: '2026-01-01T10:00:00.000Z', ...BLOCK },
      { time: '2026-01-01T10:00:00.000Z', ...BLOCK, action: 'queue unblock', reason: null },
      { time: '2026-01-01T10:00:01.000Z', ...BLOCK, result: 'missing' },
    ]);
    expect(await log.latest()).toEqual(lines);
  });

  it('is readable by its owner alone, as its key and folder are', async () => {
    await (await openLog()).append(BLOCK);
    for (const [name, mode] of [['', 0o700], ['audit.log', 0o600], ['audit.log.key', 0o600]] as const) {
      expect((await stat(join(folder, 'inner', name))).mode & 0o777, name).toBe(mode);
    }
  });

  it('names ids by a hash that is the same in one log, with and without padding, and another elsewhere', async () => {
    const log = await openLog();
    const other = await openAuditFile(join(folder, 'other.log'));
    const target = log.targetOf(ID);
    expect(target).toMatch(/^[0-9a-f]{12}$/);
    expect((await openLog()).targetOf(`${ID}==`)).toBe(target);
    expect(log.targetOf(ID.replace('A', 'B'))).not.toBe(target);
    expect(other.targetOf(ID)).not.toBe(target);
  });

  it('has one key, whoever of several makes it', async () => {
    const logs = await Promise.all(Array.from({ length: 8 }, () => openLog()));
    expect(new Set(logs.map((log) => log.targetOf(ID))).size).toBe(1);
    expect((await readdir(join(folder, 'inner'))).sort()).toEqual(['audit.log', 'audit.log.key']);
  });

  it('is set aside by size, and the oldest is given up', async () => {
    const log = await openLog({ maxBytes: 300, keep: 2 });
    for (let i = 0; i < 20; i++) {
      now += 1000;
      await log.append({ ...BLOCK, target: String(i) });
    }
    const names = await readdir(join(folder, 'inner'));
    expect(names.filter((name) => name.startsWith('audit.log.2'))).toHaveLength(2);
    const targets = (await log.latest()).map(({ target }) => Number(target));
    expect(targets.at(-1)).toBe(19);
    expect(targets).toEqual(targets.map((_, i) => 20 - targets.length + i));
    expect(targets.length).toBeGreaterThan(3);
  });

  it('answers a bounded number', async () => {
    const log = await openLog({ latest: 3 });
    for (let i = 0; i < 5; i++) await log.append({ ...BLOCK, target: String(i) });
    expect((await log.latest()).map(({ target }) => target)).toEqual(['2', '3', '4']);
  });

  it('counts what was done today, over files set aside and over restarts', async () => {
    const yesterday = await openLog({ maxBytes: 300 });
    await yesterday.append(BLOCK);
    now += DAY;
    const log = await openLog({ maxBytes: 300 });
    for (let i = 0; i < 9; i++) await log.append(BLOCK);
    await log.append({ ...BLOCK, result: 'ok, already' });
    await log.append({ ...BLOCK, result: 'quota' });
    await log.append({ ...BLOCK, action: 'queue unblock' });
    expect(await (await openLog()).takenToday('queue block')).toBe(9);
    expect(await (await openLog()).takenToday('queue delete')).toBe(0);
  });

  it('goes on after a line that a crash cut, and after what it does not know', async () => {
    await (await openLog()).append(BLOCK);
    await appendFile(path(), '{"time":"2026-01-01T10:0');
    const log = await openLog();
    await appendFile(path(), '{"time":"2026-01-01T10:00:00.000Z","action":"of tomorrow"}\n');
    await log.append({ ...BLOCK, target: 'y' });
    expect((await log.latest()).map(({ target }) => target)).toEqual(['x', 'y']);
  });

  it('rejects where it cannot be, and what cannot be written', async () => {
    const log = await openLog();
    await expect(openAuditFile(join(path(), 'audit.log'))).rejects.toMatchObject({ code: 'EEXIST' });
    await rm(join(folder, 'inner'), { recursive: true });
    await expect(log.ready()).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(log.append(BLOCK)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
