/**
 * Kills a process that works on tokens, in several rounds on one folder. Whatever it had reported is there, what it had
 * received and not announced is due, and the counts and the index of times are what the records add up to.
 */
import { fileURLToPath } from 'node:url';
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import type { TokenStore, WholeToken } from '@polyplex/store-contract';
import { expect } from 'vitest';
import { openTokenStore } from '../src/index.ts';
import { runAndKill } from './killed-child.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { everyToken, RELAY } from './tokens.ts';

const CHILD = fileURLToPath(new URL('token-child.ts', import.meta.url));
/** At least this part of the time passes before a kill, so that there is something to lose. */
const ALIVE_AT_LEAST = 0.3;
const FAR_MS = 365 * 24 * 60 * 60_000;

/** What the child said of one token. */
interface Life {
  isActive: boolean;
  subscription: string | null;
  /** The last one reported, and those tried after it. */
  received: string | null;
  tried: Set<string>;
  /** Whether the last one reported may have been settled since. */
  maySettle: boolean;
  mayBeGone: boolean;
  isGone: boolean;
}

/** Rounds of at most `aliveMs`; the moment of the kill is random. */
export async function tokenCrashRounds(rounds: number, aliveMs: number): Promise<void> {
  const folder = temporaryFolder();
  const lives = new Map<string, Life>();
  try {
    for (let round = 0; round < rounds; round++) {
      const lines = await runAndKill(CHILD, folder.path, (ALIVE_AT_LEAST + (1 - ALIVE_AT_LEAST) * Math.random()) * aliveMs);
      for (const line of lines) hear(lives, line.split(' '));
      const store = await openTokenStore({ path: folder.path });
      try {
        await verify(store, lives);
      } finally {
        await store.close();
      }
    }
    expect([...lives.values()].filter(({ received }) => received !== null).length).toBeGreaterThan(0);
  } finally {
    folder.remove();
  }
}

function hear(lives: Map<string, Life>, [kind, token, other]: readonly string[]): void {
  if (kind === 'T') {
    lives.set(token!, { isActive: false, subscription: null, received: null, tried: new Set(), maySettle: false, mayBeGone: false, isGone: false });
    return;
  }
  const life = lives.get(token!)!;
  if (kind === 'A') life.isActive = true;
  if (kind === 'S') life.subscription = other!;
  if (kind === 'n') life.tried.add(other!);
  if (kind === 'N') Object.assign(life, { received: other!, tried: new Set(), maySettle: false });
  if (kind === 'd') life.maySettle = true;
  if (kind === '?') life.mayBeGone = true;
  if (kind === '-') life.isGone = true;
}

async function verify(store: TokenStore, lives: ReadonlyMap<string, Life>): Promise<void> {
  const all = await everyToken(store);
  const found = new Map(all.map((whole) => [toBase64Url(whole.token.tokenId), whole]));
  for (const [id, life] of lives) {
    const whole = found.get(id);
    if (life.isGone) expect(whole, 'a reported removal has happened').toBeUndefined();
    else if (!life.mayBeGone) expect(whole, 'a reported token is there').toBeDefined();
    if (whole !== undefined) verifyLife(whole, life);
  }
  await verifySums(store, all);
}

function verifyLife({ token, subscriptions, notifications, due }: WholeToken, life: Life): void {
  if (life.isActive) expect(token.status).toBe('ACTIVE');
  if (life.subscription !== null) expect(subscriptions.map(({ subscriptionId }) => toBase64Url(subscriptionId))).toEqual([life.subscription]);
  if (life.received === null) return;
  const newest = toBase64Url(notifications.at(-1)!.nonce);
  expect([life.received, ...life.tried], 'the newest notification that was reported is kept').toContain(newest);
  if (!life.maySettle) expect(due.messages, 'what was received and not announced is due').not.toBeNull();
}

/** Counts and indexes say what the records say. */
async function verifySums(store: TokenStore, all: readonly WholeToken[]): Promise<void> {
  const sum = (of: (whole: WholeToken) => number): number => all.reduce((total, whole) => total + of(whole), 0);
  const isDue = ({ due }: WholeToken): boolean => due.verification !== null || due.messages !== null;
  const { tokens, subscriptions, notifications, due } = await store.counts();
  expect({ tokens, subscriptions, notifications }).toEqual({
    tokens: all.length, subscriptions: sum((whole) => whole.subscriptions.length), notifications: sum((whole) => whole.notifications.length),
  });
  expect(due).toBe(all.filter(isDue).length);
  const relay = await store.relay(RELAY);
  expect(relay?.subscriptions ?? 0).toBe(subscriptions);
  for (const { subscriptions: owned, token } of all) {
    for (const subscription of owned) {
      expect(await store.findSubscriptionOf(RELAY, subscription.notifierId)).toEqual(subscription);
      expect(toBase64Url(subscription.tokenId)).toBe(toBase64Url(token.tokenId));
    }
    expect(await store.findTokenOf(token.device, token.authKey)).toEqual(token);
    expect(await store.findToken(fromBase64Url(toBase64Url(token.tokenId))!)).toEqual(token);
  }
  // In the future of all leases; the jobs are lost with the next process, and due again. Such a lease is over before it begins, so a job
  // may come twice.
  const jobs = await store.takeDue(Date.now() + FAR_MS, Number.MAX_SAFE_INTEGER, 1 - FAR_MS);
  expect([...new Set(jobs.map(({ token }) => toBase64Url(token.tokenId)))].sort()).toEqual(all.filter(isDue).map(({ token }) => toBase64Url(token.tokenId)).sort());
}
