/** Steps at the same time, on all nodes that there are: each happens wholly before or wholly after the others. */
import { equalBytes } from '@polyplex/base';
import { describe, expect, test } from 'vitest';
import { type Announced, type Item, type PushJob, resultOf, type TokenStore } from '@polyplex/store-contract';
import { anyId, bytes } from '../../builders.ts';
import type { TokenBench } from '../../tokens/bench.ts';
import {
  activated, anyDevice, anyNotification, anyRelay, anySubscription, anyToken, created, delivered, LEASE_MS, listening, present, sorted, subscribed,
} from '../../tokens/builders.ts';

const ROUNDS = 10;

export function tokenRaceScenarios(bench: TokenBench): void {
  const nodes = async (): Promise<[TokenStore, TokenStore]> => [bench.store, bench.hasPeers ? await bench.peer() : bench.store];
  const many = <T>(n: number, of: (i: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: n }, (_, i) => of(i)));
  const count = (answers: readonly { readonly status: string }[], status: string): number => answers.filter((each) => each.status === status).length;
  const isJob = (answer: Item<Announced>): answer is PushJob => typeof resultOf(answer) === 'object';

  describe('at the same time', () => {
    test('one token for a device and key, one owner for an id', async () => {
      const stores = await nodes();
      for (let round = 0; round < ROUNDS; round++) {
        const [device, { authKey }] = [anyDevice(), anyToken()];
        const answers = await many(6, (i) => stores[i % 2]!.createToken(anyToken({ device, authKey }), bench.now()));
        expect([count(answers, 'created'), count(answers, 'exists')]).toEqual([1, 5]);
        const token = await bench.store.findTokenOf(device, authKey);
        for (const answer of answers) expect(answer).toMatchObject({ token });
        const tokenId = anyId();
        const others = await many(4, (i) => stores[i % 2]!.createToken(anyToken({ tokenId }), bench.now()));
        expect([count(others, 'created'), count(others, 'collision')]).toEqual([1, 3]);
      }
      expect(await bench.store.counts()).toMatchObject({ tokens: 2 * ROUNDS, due: 2 * ROUNDS, tokensByStatus: { REGISTERED: 2 * ROUNDS } });
    });

    test('one subscription for a relay and notifier', async () => {
      const stores = await nodes();
      const tokens = [await activated(bench.store, bench.now()), await activated(bench.store, bench.now())];
      for (let round = 0; round < ROUNDS; round++) {
        const [relay, notifierId] = [anyRelay(), anyId()];
        const answers = await many(6, (i) => stores[i % 2]!.createSubscription(anySubscription(tokens[i % 2]!, { relay, notifierId })));
        expect([count(answers, 'created'), count(answers, 'exists')]).toEqual([1, 5]);
        const subscription = await bench.store.findSubscriptionOf(relay, notifierId);
        for (const answer of answers) expect(answer).toMatchObject({ subscription: { subscriptionId: subscription!.subscriptionId } });
      }
      expect(await bench.store.counts()).toMatchObject({ subscriptions: ROUNDS });
    });

    test('a subscription and the removal of its token: none is left without it', async () => {
      const [a, b] = await nodes();
      for (let round = 0; round < ROUNDS; round++) {
        const token = await activated(bench.store, bench.now());
        const given = anySubscription(token);
        const steps = [() => a.createSubscription(given), () => b.removeToken(token.tokenId)];
        await Promise.all((round % 2 === 0 ? steps : steps.reverse()).map((step) => step()));
        expect(await bench.store.findSubscription(given.subscriptionId)).toBeNull();
        expect(await bench.store.findSubscriptionOf(given.relay, given.notifierId)).toBeNull();
        const next = await activated(bench.store, bench.now());
        expect(await bench.store.createSubscription({ ...given, tokenId: next.tokenId })).toMatchObject({ status: 'created' });
        await bench.store.removeToken(next.tokenId);
      }
      expect(await bench.store.counts()).toMatchObject({ tokens: 0, subscriptions: 0, due: 0 });
    });

    test('two devices verify: each is one token’s in the end', async () => {
      const [a, b] = await nodes();
      for (let round = 0; round < ROUNDS; round++) {
        const device = anyDevice();
        const tokens = [await created(bench.store, bench.now(), { device }), await created(bench.store, bench.now(), { device })] as const;
        const answers = await Promise.all([a.activate(tokens[0], bench.now()), b.activate(tokens[1], bench.now())]);
        const left = await Promise.all(tokens.map(({ tokenId }) => bench.store.findToken(tokenId)));
        expect(left.filter((token) => token?.status === 'ACTIVE')).toHaveLength(1);
        expect(left.filter((token) => token === null)).toHaveLength(1);
        expect(answers).toContainEqual({ tokens: 1, subscriptions: 0 });
      }
    });

    test('a device is replaced and verified: an old revision verifies nothing', async () => {
      const [a, b] = await nodes();
      for (let round = 0; round < ROUNDS; round++) {
        const token = await created(bench.store, bench.now());
        const change = { device: anyDevice(), code: bytes(32) };
        const steps = [() => a.activate(token, bench.now()), () => b.replaceDevice(token.tokenId, change, bench.now())];
        await Promise.all((round % 2 === 0 ? steps : steps.reverse()).map((step) => step()));
        expect(await present(bench.store, token)).toMatchObject({ ...change, status: 'REGISTERED' });
      }
    });

    test('two tokens of one key take one device: it is one’s', async () => {
      const [a, b] = await nodes();
      for (let round = 0; round < ROUNDS; round++) {
        const one = await created(bench.store, bench.now());
        const two = await created(bench.store, bench.now(), { authKey: one.authKey });
        const change = { device: anyDevice(), code: bytes(32) };
        const answers = await Promise.all([a.replaceDevice(one.tokenId, change, bench.now()), b.replaceDevice(two.tokenId, change, bench.now())]);
        expect(answers.filter((answer) => answer === 'taken')).toHaveLength(1);
        const winner = answers[0] === 'taken' ? two : one;
        expect((await bench.store.findTokenOf(change.device, one.authKey))?.tokenId).toEqual(winner.tokenId);
        const loser = answers[0] === 'taken' ? one : two;
        expect(await present(bench.store, loser)).toEqual(loser);
        expect(await bench.store.findTokenOf(loser.device, loser.authKey)).toEqual(loser);
      }
    });

    test('new subscriptions and due jobs go to one of those that take them', async () => {
      const stores = await nodes();
      const { relay, subscriptions } = await listening(bench.store, bench.now(), 40);
      const taken = (await many(8, (i) => stores[i % 2]!.takeNew(relay, 7))).flat();
      const rest = await bench.store.takeNew(relay, 100);
      expect(sorted([...taken, ...rest])).toEqual(sorted(subscriptions.map((each) => ({ ...each, status: 'PENDING' as const }))));
      const tokens = await many(40, () => created(bench.store, bench.now()));
      const jobs = (await many(8, (i) => stores[i % 2]!.takeDue(bench.now(), 50, LEASE_MS))).flat();
      expect(jobs.map(({ token }) => token.tokenId.join()).sort()).toEqual(tokens.map(({ tokenId }) => tokenId.join()).sort());
    });

    test('a flood of notifications: one job at a time for each token, and the last one is announced', async () => {
      const stores = await nodes();
      const now = bench.now();
      const queues = [await listening(bench.store, now, 3), await listening(bench.store, now, 3)];
      const announced = new Map<string, Uint8Array>();
      const newest = new Map<string, Uint8Array>();
      const underWay = new Set<string>();
      /** What whoever has a job does: pushes, settles, and goes on with the next. */
      const work = async (store: TokenStore, first: PushJob): Promise<void> => {
        for (let job: PushJob | null = first; job !== null;) {
          const name = job.token.tokenId.join();
          expect(underWay).not.toContain(name);
          underWay.add(name);
          for (const { notifierId, nonce } of job.messages) announced.set(notifierId.join(), nonce);
          await Promise.resolve();
          underWay.delete(name);
          job = await delivered(store, job, now);
        }
      };
      await many(6, async (i) => {
        const store = stores[i % 2]!;
        const { relay, subscriptions } = queues[i % 2]!;
        for (let round = 0; round < 20; round++) {
          // Each queue is one worker's: the order of its notifications is known.
          const subscription = subscriptions[Math.floor(i / 2)]!;
          const notification = anyNotification(subscription, now);
          newest.set(notification.notifierId.join(), notification.nonce);
          const [answer] = await store.receive(relay, [notification], now, round % 5 === 4 ? null : LEASE_MS);
          if (isJob(answer!)) await work(store, answer);
          if (round % 7 === 0) await Promise.all((await store.takeDue(now, 10, LEASE_MS)).map((job) => work(store, job)));
        }
      });
      for (const job of await bench.store.takeDue(now, 10, LEASE_MS)) await work(bench.store, job);
      expect(announced).toEqual(newest);
      expect(await bench.store.counts()).toMatchObject({ due: 0, notifications: 6 });
    });

    test('a removal and a notification: nothing stays', async () => {
      const [a, b] = await nodes();
      for (let round = 0; round < ROUNDS; round++) {
        const now = bench.now();
        const { token, relay, subscriptions: [one] } = await listening(bench.store, now);
        const steps = [
          () => a.receive(relay, [anyNotification(one!, now)], now, null),
          () => (round % 4 < 2 ? b.removeToken(token.tokenId) : b.removeSubscription(one!.subscriptionId)),
        ];
        await Promise.all((round % 2 === 0 ? steps : steps.reverse()).map((step) => step()));
        expect(await bench.store.lastNotifications(token.tokenId)).toEqual([]);
        expect(await bench.store.takeDue(now, 10, LEASE_MS)).toEqual([]);
      }
      expect(await bench.store.counts()).toMatchObject({ notifications: 0, due: 0, subscriptions: 0 });
    });

    test('statuses and removals: nothing is resurrected', async () => {
      const [a, b] = await nodes();
      for (let round = 0; round < ROUNDS; round++) {
        const { token, relay, subscriptions } = await listening(bench.store, bench.now(), 4);
        const changes = subscriptions.map(({ notifierId }) => ({ notifierId, status: 'ACTIVE' as const }));
        const steps = [
          () => a.changeSubscriptions(relay, changes), () => b.removeSubscription(subscriptions[1]!.subscriptionId), () => b.takeNew(relay, 3), () => a.disconnected(relay),
          ...(round % 3 === 0 ? [() => a.removeToken(token.tokenId)] : []),
        ];
        await Promise.all((round % 2 === 0 ? steps : steps.reverse()).map((step) => step()));
        expect(await bench.store.findSubscription(subscriptions[1]!.subscriptionId)).toBeNull();
        const left = await Promise.all(subscriptions.map(({ subscriptionId }) => bench.store.findSubscription(subscriptionId)));
        expect(left.filter((each) => each !== null)).toHaveLength(round % 3 === 0 ? 0 : 3);
        expect(await bench.store.relay(relay)).toMatchObject({ subscriptions: round % 3 === 0 ? 0 : 3 });
        await bench.store.removeToken(token.tokenId);
      }
      expect(await bench.store.counts()).toMatchObject({ subscriptionsByStatus: {} });
    });

    test('many tokens of many subscriptions come and go', async () => {
      const stores = await nodes();
      const relay = anyRelay();
      await many(20, async (i) => {
        const store = stores[i % 2]!;
        const token = await activated(store, bench.now());
        const made = await many(5, () => subscribed(store, token, { relay }));
        await store.receive(relay, made.map((each) => anyNotification(each, bench.now())), bench.now(), null);
        if (i % 2 === 0) await store.removeToken(token.tokenId);
      });
      expect(await bench.store.counts()).toMatchObject({ tokens: 10, subscriptions: 50, notifications: 50, due: 10 });
      const jobs = await bench.store.takeDue(bench.now(), 100, LEASE_MS);
      expect(jobs).toHaveLength(10);
      for (const { token, messages } of jobs) {
        expect(messages).toHaveLength(5);
        for (const { notifierId } of messages) {
          const owner = (await bench.store.findSubscriptionOf(relay, notifierId))!.tokenId;
          expect(equalBytes(owner, token.tokenId)).toBe(true);
        }
      }
    });
  });
}
