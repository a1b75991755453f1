/** What keeps one from costing the others: buckets, shares of the network. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Agent } from '@polyplex/agent';
import { createFakeClock } from '@polyplex/testing';
import { Allowance, messageBuckets } from '../src/limits/allowance.ts';
import { FairQueue, type Turn } from '../src/limits/fair-queue.ts';
import { TokenBuckets } from '../src/limits/token-buckets.ts';
import type { ChatReader } from '../src/records/chat-reader.ts';
import type { Task } from '../src/records/records.ts';
import type { Performers } from '../src/tasks/performer.ts';
import { TaskRunner } from '../src/tasks/runner.ts';

describe('a bucket', () => {
  test('gives its burst at once, then what it is filled with', () => {
    const buckets = new TokenBuckets({ burst: 3, perSecond: 2 });
    for (const left of [3, 2, 1, 0]) {
      expect(buckets.tokens('a', 1_000)).toBe(left);
      buckets.take('a', 1_000);
    }
    expect(buckets.tokens('a', 1_500)).toBe(1);
    expect(buckets.tokens('a', 60_000)).toBe(3);
    expect(buckets.tokens('a', 0)).toBe(0);
    expect(buckets.tokens('b', 1_000)).toBe(3);
  });

  test('never gives more than burst and rate allow, whatever the times', () => {
    fc.assert(fc.property(fc.array(fc.nat(5_000), { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (pauses, burst, perSecond) => {
      const buckets = new TokenBuckets({ burst, perSecond });
      let now = 0;
      let taken = 0;
      for (const pause of pauses) {
        now += pause;
        if (buckets.tokens('a', now) < 1) continue;
        buckets.take('a', now);
        taken++;
      }
      expect(taken).toBeLessThanOrEqual(burst + (now / 1_000) * perSecond);
    }));
  });

  test('is remembered of so many', () => {
    const buckets = new TokenBuckets({ burst: 1, perSecond: 0 });
    for (let i = 0; i < 20_005; i++) buckets.take(String(i), 0);
    expect(buckets.count).toBe(20_000);
    expect([buckets.tokens('0', 0), buckets.tokens('20004', 0)]).toEqual([1, 0]);
  });
});

describe('the allowance of a step', () => {
  const speaker = { groupId: 0, number: 1 };

  test('counts within the step, and is spent when that is durable, however often it ran', () => {
    const buckets = messageBuckets({ burst: 2, perSecond: 0 });
    const run = (): { readonly taken: readonly boolean[]; readonly afterwards: readonly (() => void)[] } => {
      const afterwards: (() => void)[] = [];
      const allowance = new Allowance(buckets);
      const taken = [1, 2, 3].map(() => allowance.takes('x.msg.new', speaker, { now: 0, afterwards: (work) => afterwards.push(work) }));
      return { taken, afterwards };
    };
    expect(run().taken).toEqual([true, true, false]);
    const last = run();
    expect(last.taken).toEqual([true, true, false]);
    for (const work of last.afterwards) work();
    expect(run().taken).toEqual([false, false, false]);
  });

  test('is of one contact or member, and not for what must not be lost', () => {
    const buckets = messageBuckets({ burst: 0, perSecond: 0 });
    const takes = (event: Parameters<Allowance['takes']>[0]): boolean => new Allowance(buckets).takes(event, speaker, { now: 0, afterwards: () => undefined });
    expect((['x.msg.new', 'unknown', 'x.info', 'x.grp.inv'] as const).map(takes)).toEqual([false, false, false, false]);
    expect((['x.grp.mem.intro', 'x.grp.mem.fwd', 'x.grp.mem.del', 'x.grp.leave', 'x.grp.del', 'x.direct.del', 'x.grp.msg.forward', 'x.grp.mem.role'] as const).every(takes)).toBe(true);
  });
});

const SHARES = { all: 6, each: 4, eachAgain: 2 };
const wishes = fc.array(fc.record({ payer: fc.constantFrom('a', 'b', 'c'), isAgain: fc.boolean(), done: fc.nat(3) }), { maxLength: 60 });

describe('turns', () => {
  test('keep to the shares, come to all, each once', () => {
    fc.assert(fc.property(wishes, (given) => {
      const queue = new FairQueue<number>(SHARES);
      const active: Turn<number>[] = [];
      const had: number[] = [];
      const go = (): void => {
        for (let turn = queue.next(); turn !== null; turn = queue.next()) {
          active.push(turn);
          had.push(turn.item);
          expect(active.length).toBeLessThanOrEqual(SHARES.all);
          const own = active.filter(({ payer }) => payer === turn.payer);
          expect(own.length).toBeLessThanOrEqual(SHARES.each);
          expect(own.filter(({ isAgain }) => isAgain).length).toBeLessThanOrEqual(SHARES.eachAgain);
        }
      };
      const end = (): void => {
        const turn = active.shift();
        if (turn !== undefined) queue.done(turn);
      };
      given.forEach(({ payer, isAgain, done }, item) => {
        queue.add({ payer, isAgain, item });
        go();
        for (let i = 0; i < done; i++) end();
        go();
      });
      while (active.length > 0) {
        end();
        go();
      }
      expect(had.toSorted((x, y) => x - y)).toEqual(given.map((_, i) => i));
    }));
  });

  test('go round', () => {
    const queue = new FairQueue<string>({ all: 9, each: 9, eachAgain: 1 });
    for (const item of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) queue.add({ payer: item[0]!, isAgain: false, item });
    expect([1, 2, 3, 4, 5, 6].map(() => queue.next()?.item)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });
});

describe('tasks', () => {
  test('of a group whose relays never answer do not keep others waiting', async () => {
    const begun: number[] = [];
    const hanging = Promise.withResolvers<undefined>();
    const joins = {
      subject: ({ owner }: Extract<Task, { do: 'join' }>) => JSON.stringify(owner),
      perform: async (_context: unknown, { owner }: Extract<Task, { do: 'join' }>) => {
        const { groupId } = owner as { readonly groupId: number };
        begun.push(groupId);
        if (groupId === 1) await hanging.promise;
      },
      failed: () => undefined,
    };
    const agent = {} as unknown as Agent; // of no use to these tasks
    const runner = new TaskRunner({
      agent,
      performers: { join: joins } as unknown as Performers,
      clock: createFakeClock(),
      within: () => undefined,
      onFailure: (error) => { throw error; },
      context: {
        agent, random: Math.random, isClosed: () => false,
        read: (work) => work({ records: { get: () => undefined } } as unknown as ChatReader),
        change: () => Promise.reject(new Error('nothing is to be changed')),
      },
    });
    const add = (groupId: number, memberNumber: number): void => {
      const task: Task = { do: 'join', link: '', owner: { type: 'member', groupId, memberNumber }, info: '', postQuantum: false };
      runner.add(`${String(groupId)}/${String(memberNumber)}`, { task, since: 0 });
    };
    for (let i = 0; i < 500; i++) add(1, i);
    const stuck = begun.length;
    expect(stuck).toBeLessThan(60);
    for (let i = 0; i < 100; i++) add(2, i);
    await expect.poll(() => begun.filter((groupId) => groupId === 2).length).toBe(100);
    expect(begun.filter((groupId) => groupId === 1)).toHaveLength(stuck);
    runner.close();
    hanging.resolve(undefined);
  });
});
