/**
 * Run as a process of its own by the crash tests: opens the token store in the folder given, and makes, verifies,
 * subscribes, receives, settles and removes in a loop with many in flight. What is durable it reports on stdout, a line
 * each: `T <token>` made, `A <token>` active, `S <token> <subscription>` subscribed, `N <token> <nonce>` received, `D <token>` settled,
 * `- <token>` removed; in small letters before that is tried, for what overwrites something: `n`, `d`, `?`.
 */
import { writeSync } from 'node:fs';
import { toBase64Url } from '@polyplex/base';
import { openTokenStore } from '../src/index.ts';
import { newNotification, newSubscription, newToken, RELAY } from './tokens.ts';

const WORKERS = 24;
const STDOUT = 1;
const LEASE_MS = 60_000;

/** Written at once, so that nothing reported is lost with the process, and nothing is reported early. */
function report(kind: string, ...ids: readonly Uint8Array[]): void {
  writeSync(STDOUT, `${[kind, ...ids.map(toBase64Url)].join(' ')}\n`);
}

const store = await openTokenStore({ path: process.argv[2]! });

async function live(): Promise<void> {
  const token = newToken();
  const { tokenId } = token;
  await store.createToken(token, Date.now());
  report('T', tokenId);
  await store.activate({ tokenId, revision: 0 }, Date.now());
  report('A', tokenId);
  const subscription = newSubscription(token);
  await store.createSubscription(subscription);
  report('S', tokenId, subscription.subscriptionId);
  await store.changeSubscriptions(RELAY, [{ notifierId: subscription.notifierId, status: 'ACTIVE' }]);
  for (let round = 0; round < 4; round++) {
    const notification = newNotification(subscription, Date.now());
    report('n', tokenId, notification.nonce);
    const [job] = await store.receive(RELAY, [notification], Date.now(), LEASE_MS);
    report('N', tokenId, notification.nonce);
    if (typeof job !== 'object' || job instanceof Error || round === 3) continue;
    report('d', tokenId);
    await store.settle(job, { messages: 'delivered', retryAt: null }, Date.now(), LEASE_MS);
    report('D', tokenId);
  }
  if (Math.random() < 0.5) return;
  report('?', tokenId);
  await store.removeToken(tokenId);
  report('-', tokenId);
}

await Promise.all(Array.from({ length: WORKERS }, async () => {
  for (;;) {
    await live();
    if (Math.random() < 0.02) await store.disconnected(RELAY);
  }
}));
