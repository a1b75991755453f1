/** Claims of relays by one node. */
import { describe, expect, test } from 'vitest';
import type { TokenBench } from '../../tokens/bench.ts';
import { activated, anyRelay, listening, subscribed } from '../../tokens/builders.ts';

const CLAIM_MS = 60_000;

export function claimScenarios(bench: TokenBench): void {
  describe('claims', () => {
    test('give each relay with subscriptions once, until it is given back', async () => {
      const relays = [await listening(bench.store, bench.now()), await listening(bench.store, bench.now()), await listening(bench.store, bench.now())].map(({ relay }) => relay);
      const claimed = [...(await bench.store.claimRelays(2, CLAIM_MS)), ...(await bench.store.claimRelays(2, CLAIM_MS))];
      expect(claimed).toHaveLength(3);
      expect(new Set(claimed.map(({ relay }) => relay))).toEqual(new Set(relays));
      for (const relay of claimed) expect(relay).toEqual({ relay: relay.relay, serviceId: null, subscriptions: 1, inService: 0 });
      expect(await bench.store.claimRelays(2, CLAIM_MS)).toEqual([]);
      expect(await bench.store.renewRelays(CLAIM_MS)).toEqual([]);
      expect(await bench.store.share()).toEqual({ nodes: 1, claimed: 3, relays: 3 });
      await bench.store.releaseRelays([relays[1]!, anyRelay()]);
      expect(await bench.store.share()).toEqual({ nodes: 1, claimed: 2, relays: 3 });
      expect((await bench.store.claimRelays(9, CLAIM_MS)).map(({ relay }) => relay)).toEqual([relays[1]]);
    });

    test('do not give relays where nothing is to be subscribed', async () => {
      const { relay, subscriptions: [one] } = await listening(bench.store, bench.now());
      await bench.store.setRelayService(anyRelay(), new Uint8Array(24));
      await bench.store.changeSubscriptions(relay, [{ notifierId: one!.notifierId, status: 'END' }]);
      expect(await bench.store.claimRelays(9, CLAIM_MS)).toEqual([]);
      await subscribed(bench.store, await activated(bench.store, bench.now()), { relay });
      expect(await bench.store.claimRelays(9, CLAIM_MS)).toMatchObject([{ relay, subscriptions: 1 }]);
    });
  });
}
