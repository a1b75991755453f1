/** Relations against an obvious model: a set of pairs. */
import { MemoryRecordStore } from '@polyplex/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areIntroduced, forgetRelations, introducedTo, introduceTo, notReachedBy, reaches, setReaches } from '../../src/groups/host/relations.ts';
import { WritableRecords } from '../../src/records/typed-records.ts';

const number = fc.constantFrom(1, 2, 255, 256, 9_999);
const groupId = fc.integer({ min: 1, max: 2 });

const step = fc.oneof(
  fc.record({ do: fc.constant('introduce' as const), groupId, member: number, others: fc.uniqueArray(number, { maxLength: 8 }) }),
  fc.record({ do: fc.constant('reach' as const), groupId, member: number, other: number }),
  fc.record({ do: fc.constant('forget' as const), groupId, member: number }),
);

class Model {
  readonly introduced = new Set<string>();
  readonly reached = new Set<string>();

  static pair(group: number, from: number, to: number): string {
    return [group, from, to].join();
  }

  of(set: ReadonlySet<string>, group: number, from: number): number[] {
    return [...set].map((key) => key.split(',').map(Number)).filter(([g, f]) => g === group && f === from).map(([, , to]) => to!).sort((a, b) => a - b);
  }

  reach(group: number, from: number, to: number): void {
    const pair = Model.pair(group, from, to);
    if (!this.introduced.has(pair)) return;
    if (this.reached.has(pair)) this.reached.add(Model.pair(group, to, from));
    else this.reached.add(pair);
  }

  forget(group: number, from: number): void {
    for (const set of [this.introduced, this.reached]) for (const to of this.of(set, group, from)) set.delete(Model.pair(group, from, to));
  }
}

describe('relations of members', () => {
  it('are what a set of pairs would be', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const model = new Model();
      await new MemoryRecordStore().change((writer) => {
        const records = new WritableRecords(writer);
        for (const one of steps) {
          if (one.do === 'introduce') {
            const others = one.others.filter((other) => other !== one.member);
            introduceTo(records, { groupId: one.groupId, member: one.member, others });
            for (const other of others) for (const [from, to] of [[one.member, other], [other, one.member]] as const) model.introduced.add(Model.pair(one.groupId, from, to));
          } else if (one.do === 'reach') {
            setReaches(records, { groupId: one.groupId, from: one.member, to: one.other });
            model.reach(one.groupId, one.member, one.other);
          } else {
            forgetRelations(records, one.groupId, one.member);
            model.forget(one.groupId, one.member);
          }
        }
        for (const group of [1, 2]) {
          for (const member of [1, 2, 255, 256, 9_999]) {
            const introduced = model.of(model.introduced, group, member);
            const reached = model.of(model.reached, group, member).filter((to) => introduced.includes(to));
            expect(introducedTo(records, group, member)).toEqual(introduced);
            expect(notReachedBy(records, group, member)).toEqual(introduced.filter((to) => !reached.includes(to)));
            for (const to of [1, 2, 256]) {
              expect(areIntroduced(records, { groupId: group, from: member, to })).toBe(introduced.includes(to));
              expect(reaches(records, { groupId: group, from: member, to })).toBe(model.reached.has(Model.pair(group, member, to)));
            }
          }
        }
      });
    }), { numRuns: 60 });
  });

  it('of ten thousand members take forty small pages of a newcomer', async () => {
    await new MemoryRecordStore().change((writer) => {
      const records = new WritableRecords(writer);
      introduceTo(records, { groupId: 1, member: 10_000, others: Array.from({ length: 9_999 }, (_, at) => at + 1) });
      const pages = records.list('relations', '000000000001/000000010000/');
      expect(pages).toHaveLength(40);
      expect(new Set(pages.map(({ value }) => value.length))).toEqual(new Set([64]));
    });
  });
});
