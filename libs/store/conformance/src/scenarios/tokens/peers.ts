/** Several nodes on the same data: each sees at once what the other was answered, and each relay has one of them. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../builders.ts';
import type { TokenBench } from '../../tokens/bench.ts';
import {
  anyDevice, created, delivered, dueJob, jobOf, LEASE_MS, listening, present, received, subscribed,
} from '../../tokens/builders.ts';

/** Short, since an engine may really wait for it; and long, since a slow machine must not let it run out. */
const CLAIM_MS = 400;
const LONG_MS = 60_000;

export function tokenPeerScenarios(bench: TokenBench): void {
  const names = (relays: readonly { readonly relay: string }[]): string[] => relays.map(({ relay }) => relay).sort();

  describe('several nodes', () => {
    test('share tokens, subscriptions and what is due', async () => {
      const [peer, now] = [await bench.peer(), bench.now()];
      const token = await created(bench.store, now);
      expect(await peer.findToken(token.tokenId)).toEqual(token);
      const job = await dueJob(peer, token, now);
      expect(await bench.store.takeDue(now, 10, LEASE_MS)).toEqual([]);
      await delivered(peer, job, now);
      expect(await bench.store.activate(await present(bench.store, token), now)).toEqual({ tokens: 0, subscriptions: 0 });
      const subscription = await subscribed(peer, token);
      expect(await bench.store.findSubscription(subscription.subscriptionId)).toEqual(subscription);
      const first = await received(bench.store, subscription, now);
      expect((await received(peer, subscription, now + 1)).announced).toBe('waiting');
      expect(jobOf(await delivered(bench.store, jobOf(first.announced), now + 2)).messages).toHaveLength(1);
      expect(await peer.replaceDevice(token.tokenId, { device: anyDevice(), code: bytes(32) }, now)).toMatchObject({ status: 'REGISTERED' });
      expect(await bench.store.activate(token, now)).toBe('stale');
      expect(await bench.store.removeToken(token.tokenId)).toEqual({ tokens: 1, subscriptions: 1 });
      expect(await peer.findSubscription(subscription.subscriptionId)).toBeNull();
    });

    test('finish what another began and left', async () => {
      const [peer, now] = [await bench.peer(), bench.now()];
      const { token, subscriptions: [one] } = await listening(bench.store, now);
      const job = jobOf((await received(bench.store, one!, now)).announced);
      expect(await dueJob(peer, token, now + LEASE_MS)).toMatchObject({ attempts: 1, messages: job.messages });
      expect(await delivered(bench.store, job, now + LEASE_MS)).toBeNull();
    });

    test('hear of what the others made due, and of new subscriptions', async () => {
      const [peer, now] = [await bench.peer(), bench.now()];
      const heard = { due: 0, relays: new Set<string>() };
      peer.onDue(() => void heard.due++);
      peer.onNew((relay) => void heard.relays.add(relay));
      const { token, relay } = await listening(bench.store, now);
      await expect.poll(() => heard.due).toBeGreaterThan(0);
      await peer.claimRelays(10, LONG_MS);
      heard.relays.clear();
      await subscribed(bench.store, token, { relay });
      await expect.poll(() => [...heard.relays]).toContain(relay);
    });

    test('have each relay once', async () => {
      const peer = await bench.peer();
      const relays = [await listening(bench.store, bench.now()), await listening(bench.store, bench.now()), await listening(peer, bench.now())];
      const mine = await bench.store.claimRelays(2, LONG_MS);
      const theirs = await peer.claimRelays(9, LONG_MS);
      expect([mine.length, theirs.length]).toEqual([2, 1]);
      expect(names([...mine, ...theirs])).toEqual(names(relays));
      for (const node of [bench.store, peer]) {
        expect(await node.renewRelays(LONG_MS)).toEqual([]);
        expect(await node.claimRelays(9, LONG_MS)).toEqual([]);
        expect(await node.share()).toEqual({ nodes: 2, claimed: 3, relays: 3 });
      }
      await bench.store.releaseRelays(names(mine));
      expect(names(await peer.claimRelays(9, LONG_MS))).toEqual(names(mine));
      await peer.releaseRelays(names(theirs));
      await bench.store.releaseRelays(names(mine)); // not its own any more
      expect(names(await bench.store.claimRelays(9, LONG_MS))).toEqual(names(theirs));
    });

    test('take over the relays of one that does not renew, which is told', async () => {
      const peer = await bench.peer();
      const { relay } = await listening(bench.store, bench.now());
      expect(await bench.store.claimRelays(9, CLAIM_MS)).toHaveLength(1);
      await bench.advance(CLAIM_MS);
      expect(names(await peer.claimRelays(9, LONG_MS))).toEqual([relay]);
      expect(await peer.share()).toEqual({ nodes: 1, claimed: 1, relays: 1 });
      expect(await bench.store.renewRelays(LONG_MS)).toEqual([relay]);
      expect(await bench.store.renewRelays(LONG_MS)).toEqual([]);
      expect(await peer.renewRelays(LONG_MS)).toEqual([]);
      expect(await peer.share()).toEqual({ nodes: 2, claimed: 1, relays: 1 });
    });

    test('keep a relay that they renew late, when nobody took it', async () => {
      const peer = await bench.peer();
      await listening(bench.store, bench.now());
      await bench.store.claimRelays(9, CLAIM_MS);
      await bench.advance(CLAIM_MS);
      expect(await bench.store.renewRelays(LONG_MS)).toEqual([]);
      expect(await peer.claimRelays(9, LONG_MS)).toEqual([]);
    });

    test('get the relays of one that was closed at once', async () => {
      const peer = await bench.peer();
      const { relay } = await listening(bench.store, bench.now());
      await peer.claimRelays(9, LONG_MS);
      await peer.close();
      expect(names(await bench.store.claimRelays(9, LONG_MS))).toEqual([relay]);
      expect(await bench.store.share()).toEqual({ nodes: 1, claimed: 1, relays: 1 });
    });
  });
}
