/** Steps at the same time, on all nodes that there are: each happens wholly before or wholly after the others. */
import { describe, expect, test } from 'vitest';
import type { FileStore } from '@polyplex/store-contract';
import type { FileBench } from '../../files/bench.ts';
import {
  anyBodyId, anyFile, anyRecipient, begun, CREATED, created, type Created, expectUsage, present, recipients, SHORT_LEASE_MS,
  SIZE, untilLeft, upload, uploaded, wholeFile,
} from '../../files/builders.ts';

const ROUNDS = 10;

export function fileRaceScenarios(bench: FileBench): void {
  /** This node and the other, where there is one. */
  const nodes = async (): Promise<[FileStore, FileStore]> => [bench.store, bench.hasPeers ? await bench.peer() : bench.store];
  const count = (answers: readonly unknown[], answer: unknown): number => answers.filter((each) => each === answer).length;
  const many = <T>(n: number, of: (i: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: n }, (_, i) => of(i)));

  /** A file with an upload under way, whose commit meets `other`; in both orders, often. */
  async function commitAgainst<T>(
    other: (store: FileStore, made: Created, bodyId: string) => Promise<T>,
    check: (commit: string, answer: T, made: Created, bodyId: string) => Promise<void>, leaseMs?: number,
  ): Promise<void> {
    const [a, b] = await nodes();
    for (let i = 0; i < ROUNDS; i++) {
      const made = await created(bench.store);
      const bodyId = await begun(bench.store, made, leaseMs === undefined ? {} : { leaseMs });
      if (leaseMs !== undefined) await bench.advance(leaseMs);
      const commit = () => a.commitUpload(made.senderId, bodyId);
      const [committed, answer] = i % 2 === 0
        ? await Promise.all([commit(), other(b, made, bodyId)])
        : (await Promise.all([other(b, made, bodyId), commit()])).reverse() as [Awaited<ReturnType<typeof commit>>, T];
      await check(committed, answer, made, bodyId);
      await bench.store.remove(made.senderId);
      await bench.store.discard(bodyId);
      await expectUsage(bench.store, {});
    }
  }

  describe('at the same time', () => {
    test('uploads of one file: one is its body, the others come too late', async () => {
      const [a, b] = await nodes();
      const made = await created(bench.store);
      const bodies = await many(8, (i) => begun(i % 2 === 0 ? a : b, made));
      const answers = await many(8, (i) => (i % 2 === 0 ? a : b).commitUpload(made.senderId, bodies[i]!));
      expect([count(answers, 'committed'), count(answers, 'uploaded')]).toEqual([1, 7]);
      const bodyId = bodies[answers.indexOf('committed')]!;
      expect(await present(bench.store, made)).toMatchObject({ bodyId });
      await many(8, (i) => b.discard(bodies[i]!));
      await expectUsage(bench.store, { files: 1, uploaded: 1, bytes: SIZE });
    });

    test('uploads of many files keep to the quota', async () => {
      const [a, b] = await nodes();
      const files = await many(12, () => created(bench.store));
      const options = upload({ quota: 5 * SIZE + 1 });
      const answers = await many(12, (i) => (i % 2 === 0 ? a : b).beginUpload(files[i]!.senderId, anyBodyId(), options));
      expect([count(answers, 'begun'), count(answers, 'quota')]).toEqual([5, 7]);
      await expectUsage(bench.store, { files: 12, bytes: 5 * SIZE });
    });

    test('repeated calls of an upload count once', async () => {
      const [a, b] = await nodes();
      const made = await created(bench.store);
      const bodyId = anyBodyId();
      expect(await many(4, (i) => (i % 2 === 0 ? a : b).beginUpload(made.senderId, bodyId, upload()))).toEqual(Array(4).fill('begun'));
      await expectUsage(bench.store, { files: 1, bytes: SIZE });
      expect(await many(4, (i) => (i % 2 === 0 ? a : b).commitUpload(made.senderId, bodyId))).toEqual(Array(4).fill('committed'));
      await expectUsage(bench.store, { files: 1, uploaded: 1, bytes: SIZE });
    });

    test('a commit and a removal', () => commitAgainst(
      (store, { senderId }) => store.remove(senderId),
      async (commit, removed, made, bodyId) => {
        expect([['committed', bodyId], ['gone', null]]).toContainEqual([commit, removed!.bodyId]);
        expect(await present(bench.store, made)).toBeNull();
        expect(await bench.store.knows([bodyId])).toEqual([true]);
        await expectUsage(bench.store, { bytes: SIZE });
      },
    ));

    test('a commit and a block', () => commitAgainst(
      (store, { senderId }) => store.block(senderId, { reason: 'spam', notice: null }),
      async (commit, blocked, made, bodyId) => {
        expect([['committed', bodyId], ['gone', null]]).toContainEqual([commit, blocked!.bodyId]);
        expect(await present(bench.store, made)).toMatchObject({ bodyId: null, status: { state: 'blocked' } });
        await expectUsage(bench.store, { files: 1, bytes: SIZE });
      },
    ));

    test('a commit and the expiry of the file', () => commitAgainst(
      (store) => store.expire(CREATED + 1, 10),
      async (commit, expired, made, bodyId) => {
        expect(expired.files).toBe(1);
        expect([['committed', [bodyId]], ['gone', []]]).toContainEqual([commit, expired.bodies]);
        expect(await present(bench.store, made)).toBeNull();
        await expectUsage(bench.store, { bytes: SIZE });
      },
    ));

    test('a commit and a discard', () => commitAgainst(
      (store, _, bodyId) => store.discard(bodyId),
      async (commit, _, made, bodyId) => {
        const done = commit === 'committed';
        if (!done) expect(commit).toBe('gone');
        expect(await present(bench.store, made)).toMatchObject({ bodyId: done ? bodyId : null });
        expect(await bench.store.knows([bodyId])).toEqual([done]);
        await expectUsage(bench.store, done ? { files: 1, uploaded: 1, bytes: SIZE } : { files: 1 });
      },
    ));

    test('a late commit and the sweep', () => commitAgainst(
      (store) => store.leftBodies(10),
      async (commit, left, made, bodyId) => {
        expect([commit, left]).toEqual(['gone', [bodyId]]);
        expect(await present(bench.store, made)).toMatchObject({ bodyId: null });
      },
      SHORT_LEASE_MS,
    ));

    test('two removals, two blocks, two acknowledgements', async () => {
      const [a, b] = await nodes();
      for (let i = 0; i < ROUNDS; i++) {
        const made = await created(bench.store);
        const bodyId = await uploaded(bench.store, made);
        const id = made.recipients[0]!.recipientId;
        expect((await Promise.all([a.acknowledge(id), b.acknowledge(id)])).sort()).toEqual([false, true]);
        const info = { reason: 'spam', notice: null } as const;
        const blocks = await Promise.all([a.block(made.senderId, info), b.block(made.senderId, info)]);
        expect(blocks.map((block) => block!.bodyId).sort()).toEqual([bodyId, null].sort());
        const removals = await Promise.all([a.remove(made.senderId), b.remove(made.senderId)]);
        expect(count(removals, null)).toBe(1);
        await Promise.all([a.discard(bodyId), b.discard(bodyId)]);
        await expectUsage(bench.store, {});
      }
    });

    test('two expiries remove each file once', async () => {
      const [a, b] = await nodes();
      const files = await many(20, () => created(bench.store));
      const bodies = await Promise.all(files.slice(10).map((made) => uploaded(bench.store, made)));
      const steps = await Promise.all([a, b, a, b].map((store) => store.expire(CREATED + 1, 8)));
      expect(steps.reduce((sum, step) => sum + step.files, 0)).toBe(20);
      expect(steps.flatMap((step) => step.bodies).sort()).toEqual(bodies.sort());
      await expectUsage(bench.store, { bytes: 10 * SIZE });
      await bench.advance(untilLeft(bench));
      expect([...(await b.leftBodies(100))].sort()).toEqual(bodies);
    });

    test('an id goes to one of those that ask for it', async () => {
      const [a, b] = await nodes();
      for (let i = 0; i < ROUNDS; i++) {
        const senderId = anyFile().senderId;
        const files = [anyFile({ senderId }), anyFile({ senderId })];
        const answers = await Promise.all([a.create(files[0]!, recipients(1)), b.create(files[1]!, recipients(1))]);
        expect([...answers].sort()).toEqual(['collision', 'created']);
        expect(await present(bench.store, { senderId })).toMatchObject(files[answers.indexOf('created')]!);
        const [one, two, id] = [await created(a), await created(b), anyRecipient()];
        const added = await Promise.all([a.addRecipients(one.senderId, [id]), b.addRecipients(two.senderId, [id])]);
        expect([...added].sort()).toEqual(['added', 'collision']);
        const owner = added[0] === 'added' ? one : two;
        expect((await bench.store.find('recipient', id.recipientId))?.file.senderId).toEqual(owner.senderId);
      }
    });

    test('new recipients and a removal: none is left without its file', async () => {
      const [a, b] = await nodes();
      for (let i = 0; i < ROUNDS; i++) {
        const made = await created(bench.store);
        const [id] = recipients(1);
        const steps = [() => a.addRecipients(made.senderId, [id!]), () => b.remove(made.senderId)];
        await Promise.all((i % 2 === 0 ? steps : steps.reverse()).map((step) => step()));
        expect(await bench.store.find('recipient', id!.recipientId)).toBeNull();
        expect(await bench.store.create(made.file, [...made.recipients, id!])).toBe('created');
      }
    });

    test('one whole file is written once', async () => {
      const [a, b] = await nodes();
      const whole = wholeFile();
      const answers = await Promise.all([a, b, a, b].map((store) => store.putFile(whole)));
      expect([count(answers, 'written'), count(answers, 'exists')]).toEqual([1, 3]);
      await expectUsage(bench.store, { files: 1, uploaded: 1, bytes: SIZE });
    });
  });
}
