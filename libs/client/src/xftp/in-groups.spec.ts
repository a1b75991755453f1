/** Groups at the same time, their items one after the other, and an end to all when one fails. */
import { describe, expect, it } from 'vitest';
import { CodedError } from '@polyplex/base';
import { grouped, inGroups, MAX_GROUPS_AT_ONCE } from './in-groups.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('groups', () => {
  it('are worked on at the same time, each in order', async () => {
    const groups = Array.from({ length: 40 }, (_, group) => [0, 1, 2].map((item) => ({ group, item })));
    const running = new Set<number>();
    const done: string[] = [];
    let most = 0;
    await inGroups(groups, undefined, async ({ group, item }) => {
      expect(running.has(group)).toBe(false);
      running.add(group);
      most = Math.max(most, running.size);
      await turn();
      running.delete(group);
      done.push(`${group}.${item}`);
    });
    expect([most, done.length]).toEqual([MAX_GROUPS_AT_ONCE, 120]);
    for (let group = 0; group < 40; group++) expect(done.filter((name) => name.startsWith(`${group}.`))).toEqual([0, 1, 2].map((item) => `${group}.${item}`));
  });

  it('end all when one fails, with what failed first', async () => {
    const begun: string[] = [];
    const failing = inGroups([['a', 'b'], ['c', 'd']], undefined, async (item, signal) => {
      begun.push(item);
      if (item === 'a') throw new CodedError('FIRST', 'a');
      await turn();
      if (signal.aborted) throw new CodedError('SECOND', item);
    });
    await expect(failing).rejects.toMatchObject({ code: 'FIRST' });
    expect(begun).toEqual(['a', 'c']);
  });

  it('end with the signal of whoever asked', async () => {
    const controller = new AbortController();
    controller.abort();
    await inGroups([['a']], controller.signal, async (_item, signal) => Promise.resolve(expect(signal.aborted).toBe(true)));
    await inGroups([], undefined, () => expect.unreachable());
  });

  it('hold what has the same key', () => {
    expect(grouped([1, 2, 3, 4, 5], (n) => String(n % 2))).toEqual([[1, 3, 5], [2, 4]]);
  });
});
