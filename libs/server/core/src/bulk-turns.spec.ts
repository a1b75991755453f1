import { expect, test } from 'vitest';
import { BulkTurns } from './bulk-turns.ts';

test('others get their turn between two pieces, and pieces keep their order', async () => {
  const turns = new BulkTurns();
  const seen: string[] = [];
  const pieces = [1, 2, 3].map((n) => turns.run(async () => {
    seen.push(`piece ${String(n)}`);
    setImmediate(() => seen.push(`other ${String(n)}`));
    return Promise.resolve(n);
  }));
  expect(seen).toEqual([]);
  expect(await Promise.all(pieces)).toEqual([1, 2, 3]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen.indexOf('other 1')).toBeLessThan(seen.indexOf('piece 3'));
  expect(seen.filter((each) => each.startsWith('piece'))).toEqual(['piece 1', 'piece 2', 'piece 3']);
});

test('a piece that fails leaves the others alone', async () => {
  const turns = new BulkTurns();
  const results = await Promise.allSettled([turns.run(() => Promise.reject(new RangeError('bad'))), turns.run(() => Promise.resolve('good'))]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});
