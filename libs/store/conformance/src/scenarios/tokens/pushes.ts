/** What is due: verifications, and messages as they come (NTF §3, §4.5); and devices that are not known. */
import { describe, expect, test } from 'vitest';
import type { LastNotification, PushJob, PushResult } from '@polyplex/store-contract';
import { anyId, bytes } from '../../builders.ts';
import type { TokenBench } from '../../tokens/bench.ts';
import {
  activated, anyDevice, anyNotification, anyRelay, created, delivered, dueJob, jobOf, LEASE_MS, listening, outcome, present, received,
} from '../../tokens/builders.ts';

const INVALID: readonly PushResult[] = ['INVALID', 'INVALID,BAD', 'INVALID,TOPIC', 'INVALID,EXPIRED', 'INVALID,UNREGISTERED'];

export function pushScenarios(bench: TokenBench): void {
  /** The moment at which a scenario begins; it goes on by adding to it. */
  const start = (): number => bench.now();
  const nothing = async (now: number): Promise<void> => expect(await bench.store.takeDue(now, 100, LEASE_MS)).toEqual([]);
  const settle = (job: PushJob, parts: Parameters<typeof outcome>[0], now: number) => bench.store.settle(job, outcome(parts), now, LEASE_MS);

  describe('a verification', () => {
    test('is due once when the token is made', async () => {
      const now = start();
      const token = await created(bench.store, now);
      expect(await dueJob(bench.store, token, now)).toEqual({
        token, verification: true, messages: [], check: false, attempts: 0, dueSince: now, lease: expect.any(String) as string,
      });
      await nothing(now + LEASE_MS - 1);
    });

    test('delivered makes the token CONFIRMED, once', async () => {
      const now = start();
      const token = await created(bench.store, now);
      expect(await delivered(bench.store, await dueJob(bench.store, token, now), now)).toBeNull();
      const confirmed = await present(bench.store, token);
      expect(confirmed).toEqual({ ...token, status: 'CONFIRMED', revision: confirmed.revision });
      expect(confirmed.revision).toBeGreaterThan(token.revision);
      await bench.store.registerAgain(token.tokenId, now);
      await delivered(bench.store, await dueJob(bench.store, token, now), now);
      expect(await present(bench.store, token)).toEqual(confirmed);
      await nothing(now + 10 * LEASE_MS);
    });

    test('delivered leaves an ACTIVE token so', async () => {
      const now = start();
      const token = await activated(bench.store, now);
      await bench.store.registerAgain(token.tokenId, now);
      await delivered(bench.store, await dueJob(bench.store, token, now), now);
      expect(await present(bench.store, token)).toEqual(token);
    });

    test('dropped is not due any more, and says nothing', async () => {
      const now = start();
      const token = await created(bench.store, now);
      expect(await settle(await dueJob(bench.store, token, now), { verification: 'dropped' }, now)).toBeNull();
      expect(await present(bench.store, token)).toEqual(token);
      await nothing(now + 10 * LEASE_MS);
    });

    test('asked for while one is under way is the next', async () => {
      const now = start();
      const token = await created(bench.store, now);
      const job = await dueJob(bench.store, token, now);
      await bench.store.registerAgain(token.tokenId, now + 5);
      await nothing(now + 5);
      const next = jobOf(await delivered(bench.store, job, now + 7));
      expect(next).toMatchObject({ verification: true, dueSince: now + 5, attempts: 0, token: { status: 'CONFIRMED' } });
      expect(next.lease).not.toBe(job.lease);
      expect(await delivered(bench.store, next, now + 8)).toBeNull();
    });

    test('is not due any more when the code came', async () => {
      const now = start();
      const [token, other] = [await created(bench.store, now), await created(bench.store, now)];
      await bench.store.activate(token, now);
      const job = await dueJob(bench.store, other, now);
      await bench.store.activate(other, now);
      expect(await settle(job, { verification: 'retry' }, now)).toBeNull();
      await nothing(now + 10 * LEASE_MS);
    });

    test('of a device that was replaced says nothing of the new one', async () => {
      const now = start();
      const token = await created(bench.store, now);
      const [job, device] = [await dueJob(bench.store, token, now), anyDevice()];
      const replaced = await bench.store.replaceDevice(token.tokenId, { device, code: bytes(32) }, now + 1);
      const next = await dueJob(bench.store, token, now + 1);
      expect(next).toMatchObject({ token: replaced, verification: true, attempts: 0, dueSince: now + 1 });
      for (const result of ['delivered', 'INVALID,BAD', 'retry'] as const) {
        expect(await settle(job, { verification: result }, now + 2)).toBeNull();
        expect(await present(bench.store, token)).toEqual(replaced);
      }
      expect(await delivered(bench.store, next, now + 3)).toBeNull();
      expect(await present(bench.store, token)).toMatchObject({ status: 'CONFIRMED', device });
    });
  });

  describe('a device that is not known', () => {
    test.each(INVALID)('makes the token %s, and nothing is due', async (result) => {
      const now = start();
      const { token, subscriptions: [subscription] } = await listening(bench.store, now);
      await bench.store.setCron(token.tokenId, 20, now);
      const job = jobOf((await received(bench.store, subscription!, now)).announced);
      await received(bench.store, subscription!, now + 1);
      await bench.store.registerAgain(token.tokenId, now);
      expect(await settle(job, { messages: result }, now + 2)).toBeNull();
      const invalid = await present(bench.store, token);
      expect(invalid).toMatchObject({ status: result });
      expect(invalid.revision).toBeGreaterThan(token.revision);
      await nothing(now + 60 * 60_000);
      expect((await received(bench.store, subscription!, now)).announced).toBe('none');
      expect(await bench.store.counts()).toMatchObject({ due: 0, tokensByStatus: { [result]: 1 } });
    });

    test('is told also by a job that lost its lease, unless it was replaced', async () => {
      const now = start();
      const token = await created(bench.store, now);
      const job = await dueJob(bench.store, token, now);
      const second = await dueJob(bench.store, token, now + LEASE_MS);
      expect(await settle(job, { verification: 'INVALID,UNREGISTERED' }, now + LEASE_MS)).toBeNull();
      expect(await present(bench.store, token)).toMatchObject({ status: 'INVALID,UNREGISTERED' });
      await delivered(bench.store, second, now + LEASE_MS);
      await nothing(now + 10 * LEASE_MS);
    });

    test('may be known again: TNEW, and CONFIRMED by the next verification', async () => {
      const now = start();
      const token = await created(bench.store, now);
      await settle(await dueJob(bench.store, token, now), { verification: 'INVALID,BAD' }, now);
      await bench.store.registerAgain(token.tokenId, now);
      await delivered(bench.store, await dueJob(bench.store, token, now), now);
      expect(await present(bench.store, token)).toMatchObject({ status: 'CONFIRMED' });
    });
  });

  describe('messages', () => {
    test('are announced by a job of whoever received them', async () => {
      const now = start();
      const { token, subscriptions: [subscription] } = await listening(bench.store, now);
      const { notification, announced } = await received(bench.store, subscription!, now);
      expect(announced).toEqual({
        token, verification: false, messages: [notification], check: false, attempts: 0, dueSince: now, lease: expect.any(String) as string,
      });
      await nothing(now + LEASE_MS - 1);
      expect(await delivered(bench.store, jobOf(announced), now + 1)).toBeNull();
      await nothing(now + 10 * LEASE_MS);
      expect(await bench.store.lastNotifications(token.tokenId)).toEqual([notification]);
      expect(await present(bench.store, token)).toEqual(token);
    });

    test('that come while a job is under way travel in the next one, together', async () => {
      const now = start();
      const { subscriptions } = await listening(bench.store, now, 3);
      const first = await received(bench.store, subscriptions[0]!, now);
      const others: LastNotification[] = [];
      for (let i = 1; i < 3; i++) {
        const { notification, announced } = await received(bench.store, subscriptions[i]!, now + i);
        expect(announced).toBe('waiting');
        others.push(notification);
      }
      await nothing(now + 3);
      const next = jobOf(await delivered(bench.store, jobOf(first.announced), now + 4));
      expect(next).toMatchObject({ messages: [first.notification, ...others], dueSince: now + 1, attempts: 0 });
      expect(await delivered(bench.store, next, now + 5)).toBeNull();
      await nothing(now + 10 * LEASE_MS);
    });

    test('are one of each queue, the newest six, the newest last', async () => {
      const now = start();
      const { token, subscriptions } = await listening(bench.store, now, 8);
      const last = new Map<number, LastNotification>();
      for (const [i, queue] of [0, 1, 2, 3, 2, 4, 5, 6, 7, 3, 3].entries()) {
        last.delete(queue);
        last.set(queue, (await received(bench.store, subscriptions[queue]!, now + i, null)).notification);
      }
      expect([...last.keys()]).toEqual([0, 1, 2, 4, 5, 6, 7, 3]);
      const expected = [...last.values()].slice(-6);
      expect(await bench.store.lastNotifications(token.tokenId)).toEqual(expected);
      expect(await dueJob(bench.store, token, now + 20)).toMatchObject({ messages: expected, dueSince: now });
      expect(await bench.store.counts()).toMatchObject({ notifications: 6, due: 1 });
    });

    test('of many queues in one call', async () => {
      const now = start();
      const { token, relay, subscriptions: [one, two] } = await listening(bench.store, now, 2);
      const other = await listening(bench.store, now);
      const notifications = [one!, two!, { notifierId: anyId() }, one!, other.subscriptions[0]!].map((each, i) => anyNotification(each, now + i));
      const answers = await bench.store.receive(relay, notifications, now + 10, LEASE_MS);
      expect(answers).toHaveLength(5);
      expect([answers[2], answers[4]]).toEqual(['none', 'none']);
      const jobs = [0, 1, 3].map((i) => answers[i]).filter((answer) => answer !== 'waiting');
      expect(jobs).toHaveLength(1);
      const job = jobOf(jobs[0]);
      expect(job).toMatchObject({ token: { tokenId: token.tokenId }, dueSince: now });
      const kept = [1, 3].map((i) => ({ ...notifications[i]!, relay }));
      expect(await bench.store.lastNotifications(token.tokenId)).toEqual(kept);
      // What did not get into this job is in the next.
      const next = await delivered(bench.store, job, now + 11);
      expect((next ?? job).messages).toEqual(kept);
      expect(await bench.store.receive(relay, [], now, LEASE_MS)).toEqual([]);
    });

    test('of queues that nobody has, or whose token is not ACTIVE, are nothing', async () => {
      const now = start();
      expect((await received(bench.store, { relay: anyRelay(), notifierId: anyId() }, now)).announced).toBe('none');
      const { token, relay, subscriptions: [subscription] } = await listening(bench.store, now);
      expect((await received(bench.store, { relay, notifierId: anyId() }, now)).announced).toBe('none');
      expect((await received(bench.store, { ...subscription!, relay: anyRelay() }, now)).announced).toBe('none');
      expect((await received(bench.store, { relay, notifierId: new Uint8Array(0) }, now)).announced).toBe('none');
      await bench.store.replaceDevice(token.tokenId, { device: anyDevice(), code: bytes(32) }, now);
      expect((await received(bench.store, subscription!, now)).announced).toBe('none');
      expect(await bench.store.lastNotifications(token.tokenId)).toEqual([]);
      expect(await dueJob(bench.store, token, now)).toMatchObject({ verification: true, messages: [] });
    });

    test('that are there already change nothing', async () => {
      const now = start();
      const { token, relay, subscriptions: [one, two] } = await listening(bench.store, now, 2);
      const notification = anyNotification(one!, now);
      const job = jobOf((await bench.store.receive(relay, [notification], now, LEASE_MS))[0]);
      const second = await received(bench.store, two!, now + 1);
      expect(await bench.store.receive(relay, [{ ...notification, receivedAt: now + 2 }], now + 2, LEASE_MS)).toEqual(['waiting']);
      expect(await bench.store.lastNotifications(token.tokenId)).toEqual([{ ...notification, relay }, second.notification]);
      expect(await delivered(bench.store, jobOf(await delivered(bench.store, job, now + 3)), now + 3)).toBeNull();
      await bench.store.receive(relay, [notification], now + 4, LEASE_MS);
      await nothing(now + 10 * LEASE_MS);
    });

    test('for a caller without room are due for others', async () => {
      const now = start();
      const { token, subscriptions: [subscription] } = await listening(bench.store, now);
      let hints = 0;
      bench.store.onDue(() => void hints++);
      const { announced, notification } = await received(bench.store, subscription!, now, null);
      expect(announced).toBe('waiting');
      await expect.poll(() => hints).toBeGreaterThan(0);
      expect(await dueJob(bench.store, token, now)).toMatchObject({ messages: [notification], dueSince: now });
    });

    test('wait while a device is replaced, and are announced when it is verified', async () => {
      const now = start();
      const { token, subscriptions: [subscription] } = await listening(bench.store, now);
      const { notification, announced } = await received(bench.store, subscription!, now);
      const replaced = await bench.store.replaceDevice(token.tokenId, { device: anyDevice(), code: bytes(32) }, now + 1);
      expect(await delivered(bench.store, jobOf(announced), now + 2)).toBeNull();
      const verification = await dueJob(bench.store, token, now + 2);
      expect(verification).toMatchObject({ verification: true, messages: [] });
      expect(await delivered(bench.store, verification, now + 2)).toBeNull();
      await nothing(now + 10 * LEASE_MS);
      expect((await bench.store.counts()).due).toBe(0);
      await bench.store.activate(await present(bench.store, token), now + 3);
      expect(await dueJob(bench.store, token, now + 3)).toMatchObject({ messages: [notification], dueSince: now, token: { device: (replaced as { device: unknown }).device } });
    });

    test('whose subscription was removed are not announced', async () => {
      const now = start();
      const { token, subscriptions: [one, two] } = await listening(bench.store, now, 2);
      await received(bench.store, one!, now, null);
      await bench.store.removeSubscription(one!.subscriptionId);
      await nothing(now + LEASE_MS);
      const job = jobOf((await received(bench.store, two!, now)).announced);
      await bench.store.removeSubscription(two!.subscriptionId);
      expect(await settle(job, { messages: 'retry' }, now)).toBeNull();
      await nothing(now + 10 * LEASE_MS);
      expect(await bench.store.lastNotifications(token.tokenId)).toEqual([]);
      expect((await bench.store.counts())).toMatchObject({ due: 0, notifications: 0 });
    });
  });
}
