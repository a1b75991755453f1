import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Reserve, RESERVE_BYTES, RESERVE_FILE } from './reserve.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reserve-'));
  file = join(folder, RESERVE_FILE);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('is taken, given away once, and not taken again at once', async () => {
  const reserve = new Reserve(folder);
  expect(reserve.give()).toBe(false);
  await reserve.take();
  expect(statSync(file).size).toBe(RESERVE_BYTES);
  expect([reserve.give(), reserve.give()]).toEqual([true, false]);
  await reserve.keep();
  expect(existsSync(file)).toBe(false);
});

test('that an earlier process kept is there to be given', async () => {
  await new Reserve(folder).take();
  const reserve = new Reserve(folder);
  expect(reserve.give()).toBe(true);
  expect(existsSync(file)).toBe(false);
});

test('in a folder that is gone there is none, and that is no failure', async () => {
  rmSync(folder, { recursive: true });
  const reserve = new Reserve(folder);
  await reserve.take();
  expect(reserve.give()).toBe(false);
});
