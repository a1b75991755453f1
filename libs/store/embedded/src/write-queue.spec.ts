/** Faults that a real disk cannot be asked for; the rest of the write queue is tested through the store. */
import { idKey } from '@polyplex/base';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RootDatabase } from 'lmdb';
import { type GroupHooks, WriteQueue } from './write-queue.ts';

interface Fault {
  readonly code: number;
}

/** An environment whose next commits fail with these faults, in order; null is a success. */
function faulty(faults: (Fault | null)[], canBegin = true): RootDatabase {
  const begin = (): void => {
    if (!canBegin) throw new RangeError('panic');
  };
  return {
    childTransaction: async (work: () => unknown) => {
      work();
      const fault = faults.shift() ?? null;
      if (fault !== null) throw Object.assign(
        new Error('Commit failed'), { commitError: Promise.reject(Object.assign(new Error(), fault)) },
      );
    },
    transactionSync: begin,
  } as unknown as RootDatabase;
}

const hooks: GroupHooks = { begin() {}, beforeCommit() {}, committed() {}, isFull: async () => false, makeRoom: () => false, keepRoom() {}, failed() {} };
const step = (queue: WriteQueue, name: string, frees = false) => queue.run(() => () => name, { queues: [], frees });
const outcome = (result: PromiseSettledResult<string>): string =>
  result.status === 'fulfilled' ? result.value : (result.reason as { code: string }).code;

describe('the write queue', () => {
  test('a step that throws fails alone; the others of its group go on, in order', async () => {
    const queue = new WriteQueue(faulty([]), hooks);
    const order: string[] = [];
    const note = (name: string) => queue.run(() => () => order.push(name), { queues: [] });
    const bad = queue.run(() => { throw new RangeError('bad step'); }, { queues: [] });
    const results = await Promise.allSettled([note('a'), bad, note('b')]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(order).toEqual(['a', 'b']);
    await expect(bad).rejects.toMatchObject({ name: 'StoreError', code: 'FAILED' });
  });

  test('nothing is finished, and no counter kept, when the commit fails', async () => {
    const committed: string[] = [];
    const queue = new WriteQueue(faulty([{ code: 5 }]), { ...hooks, committed: () => committed.push('group') });
    const finished: string[] = [];
    await expect(
      queue.run(() => () => finished.push('step'), { queues: [idKey(new Uint8Array(24))] }),
    ).rejects.toMatchObject({ code: 'FAILED' });
    expect([finished, committed, queue.isBusy(new Uint8Array(24))]).toEqual([[], [], false]);
  });

  test('after an I/O error the store takes nothing more', async () => {
    const failures: string[] = [];
    const queue = new WriteQueue(faulty([{ code: 5 }]), { ...hooks, failed: (reason) => failures.push(reason.code) });
    await expect(step(queue, 'a')).rejects.toMatchObject({ code: 'FAILED' });
    await expect(step(queue, 'b')).rejects.toMatchObject({ code: 'FAILED' });
    expect(failures).toEqual(['FAILED']);
  });

  test('when the disk is full, what frees space is tried again without the rest', async () => {
    const queue = new WriteQueue(faulty([{ code: 28 }]), hooks);
    const results = await Promise.allSettled([step(queue, 'append'), step(queue, 'acknowledge', true)]);
    expect(results.map(outcome)).toEqual(['FULL', 'acknowledge']);
    expect(await step(queue, 'later')).toBe('later');
  });

  test('a write cut short on a full disk counts as full', async () => {
    const queue = new WriteQueue(faulty([{ code: 5 }, { code: 5 }]), { ...hooks, isFull: async () => true });
    const results = await Promise.allSettled([step(queue, 'append'), step(queue, 'acknowledge', true)]);
    expect(results.map(outcome)).toEqual(['FULL', 'FULL']);
    expect(queue.state).toBeNull();
  });

  test('what frees space and does not fit alone gets the room that is kept for it, once', async () => {
    const given: boolean[] = [];
    const makeRoom = (): boolean => given.push(given.length === 0) === 1;
    const queue = new WriteQueue(faulty([{ code: 28 }, { code: 28 }, { code: 28 }]), { ...hooks, makeRoom });
    expect(await Promise.allSettled([step(queue, 'acknowledge', true)])).toMatchObject([{ status: 'rejected', reason: { code: 'FULL' } }]);
    expect(given).toEqual([true, false]);
    const again = new WriteQueue(faulty([{ code: 28 }]), { ...hooks, makeRoom: () => true });
    expect(await step(again, 'acknowledge', true)).toBe('acknowledge');
  });

  test('a full disk that leaves LMDB unusable is a failure', async () => {
    const queue = new WriteQueue(faulty([{ code: 28 }], false), hooks);
    await expect(step(queue, 'a')).rejects.toMatchObject({ code: 'FAILED' });
    expect(queue.state).toMatchObject({ code: 'FAILED' });
  });

  test('too many waiting are refused, but for what is always taken', async () => {
    const queue = new WriteQueue(faulty([]), hooks);
    const steps = Array.from({ length: 16_386 }, () => step(queue, 'a')); // the first one begins at once
    const needed = queue.run(() => () => 'needed', { queues: [], always: true });
    expect(outcome((await Promise.allSettled(steps)).at(-1)!)).toBe('UNAVAILABLE');
    expect(await needed).toBe('needed');
  });

  test('close lets what waits finish, and refuses the rest', async () => {
    const queue = new WriteQueue(faulty([]), hooks);
    const waiting = step(queue, 'a');
    const closed = queue.close();
    await expect(step(queue, 'b')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await closed;
    expect(await waiting).toBe('a');
  });
});

describe('groups apart', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const APART_MS = 4;

  /** A queue, and what began in each of its groups. */
  function counted(apartMs: number): { readonly queue: WriteQueue; readonly groups: string[][]; readonly add: (name: string) => Promise<string> } {
    const groups: string[][] = [];
    const queue = new WriteQueue(faulty([]), { ...hooks, begin: () => void groups.push([]) }, apartMs);
    const add = (name: string): Promise<string> =>
      queue.run(() => {
        groups.at(-1)!.push(name);
        return () => name;
      }, { queues: [] });
    return { queue, groups, add };
  }

  /** All that can happen without the clock. */
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };

  test('steps that come while a group is written wait for more, and no longer than that', async () => {
    const { groups, add } = counted(APART_MS);
    const first = add('a');
    const second = add('b');
    await first;
    void add('c');
    await settle();
    expect(groups).toEqual([['a']]);
    await vi.advanceTimersByTimeAsync(APART_MS - 1);
    void add('d');
    await vi.advanceTimersByTimeAsync(1);
    await second;
    expect(groups).toEqual([['a'], ['b', 'c', 'd']]);
  });

  test('a lone step waits for nobody', async () => {
    const { groups, add } = counted(APART_MS);
    await add('a');
    await add('b');
    expect(groups).toEqual([['a'], ['b']]);
  });

  test('many do not wait', async () => {
    const { groups, add } = counted(APART_MS);
    await Promise.all(['a', ...Array.from({ length: 64 }, (_, i) => `b${i}`)].map(add));
    expect(groups.map(({ length }) => length)).toEqual([1, 64]);
  });

  test('nobody waits where groups need not be apart', async () => {
    const { groups, add } = counted(0);
    await Promise.all(['a', 'b'].map(add));
    expect(groups).toEqual([['a'], ['b']]);
  });

  test('closing takes those along that wait for more', async () => {
    const { queue, groups, add } = counted(APART_MS);
    const both = Promise.all(['a', 'b'].map(add));
    await settle();
    const closed = queue.close();
    await vi.advanceTimersByTimeAsync(APART_MS);
    await closed;
    expect([await both, groups]).toEqual([['a', 'b'], [['a'], ['b']]]);
  });
});
