/** Tokens, subscriptions and notifications with random contents; a test names only what it is about. */
import { equalBytes, toBase64Url, utf8 } from '@polyplex/base';
import type { PublicKey } from '@polyplex/crypto';
import { expect } from 'vitest';
import {
  type Announced, type Device, type Item, type LastNotification, type NewSubscription, type NewToken, type PushJob, type PushOutcome,
  type ReceivedNotification, resultOf, type SubscriptionRecord, type TokenRecord, type TokenStore,
} from '@polyplex/store-contract';
import { anyId, bytes } from '../builders.ts';

export const MINUTE_MS = 60_000;
/** Of jobs: longer than any scenario goes on for without saying so. */
export const LEASE_MS = 30_000;
export const DAY_SECONDS = 86_400;

export const dayOf = (now: number): number => Math.floor(now / 1000 / DAY_SECONDS) * DAY_SECONDS;

export function anyDevice(parts: Partial<Device> = {}): Device {
  return { provider: 'apns_prod', token: utf8(toBase64Url(bytes(32))), ...parts };
}

export function anyAuthKey(kind: NewToken['authKey']['kind'] = 'ed25519'): NewToken['authKey'] {
  return { kind, raw: bytes(kind === 'ed448' ? 57 : 32) };
}

const dhKey = (): PublicKey<'x25519'> => ({ kind: 'x25519', raw: bytes(32) });

export function anyToken(parts: Partial<NewToken> = {}): NewToken {
  return {
    tokenId: anyId(), device: anyDevice(), authKey: anyAuthKey(), dhKeys: { publicKey: dhKey(), privateKey: dhKey() },
    dhSecret: bytes(32), code: bytes(32), ...parts,
  };
}

export const anyRelay = (): string => `smp://${toBase64Url(bytes(32))}=@relay-${toBase64Url(bytes(4))}.example`;

export function anySubscription({ tokenId }: Pick<NewToken, 'tokenId'>, parts: Partial<NewSubscription> = {}): NewSubscription {
  return { subscriptionId: anyId(), tokenId, relay: anyRelay(), notifierId: anyId(), notifierKey: bytes(48), ...parts };
}

export function anyNotification({ notifierId }: Pick<NewSubscription, 'notifierId'>, receivedAt: number): ReceivedNotification {
  return { notifierId, nonce: bytes(24), meta: bytes(144), receivedAt };
}

/** The record of a token that nothing happened to, but for what is given. */
export function record(token: NewToken, now: number, parts: Partial<TokenRecord> = {}): TokenRecord {
  return { ...token, status: 'REGISTERED', cronMinutes: 0, cronSentAt: null, usedOn: dayOf(now), revision: expect.any(Number) as number, ...parts };
}

/** A token that is expected to be new; its verification is due. */
export async function created(store: TokenStore, now: number, parts: Partial<NewToken> = {}): Promise<TokenRecord> {
  const answer = await store.createToken(anyToken(parts), now);
  expect(answer.status).toBe('created');
  return (answer as { token: TokenRecord }).token;
}

/** The token as it is stored now. */
export async function present(store: TokenStore, { tokenId }: Pick<NewToken, 'tokenId'>): Promise<TokenRecord> {
  const found = await store.findToken(tokenId);
  expect(found).not.toBeNull();
  return found!;
}

/** An ACTIVE token with nothing due. */
export async function activated(store: TokenStore, now: number, parts: Partial<NewToken> = {}): Promise<TokenRecord> {
  const token = await created(store, now, parts);
  expect(await store.activate(token, now)).not.toBe('stale');
  return present(store, token);
}

export async function subscribed(store: TokenStore, token: Pick<NewToken, 'tokenId'>, parts: Partial<NewSubscription> = {}): Promise<SubscriptionRecord> {
  const answer = await store.createSubscription(anySubscription(token, parts));
  expect(answer.status).toBe('created');
  return (answer as { subscription: SubscriptionRecord }).subscription;
}

/** An ACTIVE token with some subscriptions at one relay. */
export async function listening(store: TokenStore, now: number, count = 1): Promise<{ token: TokenRecord; relay: string; subscriptions: SubscriptionRecord[] }> {
  const token = await activated(store, now);
  const relay = anyRelay();
  const subscriptions: SubscriptionRecord[] = [];
  for (let i = 0; i < count; i++) subscriptions.push(await subscribed(store, token, { relay }));
  return { token, relay, subscriptions };
}

/** One notification, received now; what it led to. */
export async function received(
  store: TokenStore, subscription: Pick<SubscriptionRecord, 'relay' | 'notifierId'>, now: number, leaseMs: number | null = LEASE_MS,
): Promise<{ notification: LastNotification; announced: Announced }> {
  const notification = anyNotification(subscription, now);
  const [item] = await store.receive(subscription.relay, [notification], now, leaseMs);
  return { notification: { ...notification, relay: subscription.relay }, announced: resultOf(item as Item<Announced>) };
}

/** The job that an answer is expected to be. */
export function jobOf(announced: Item<Announced> | null | undefined): PushJob {
  expect(announced).toMatchObject({ lease: expect.any(String) as string });
  return announced as PushJob;
}

export function outcome(parts: Partial<PushOutcome> = {}): PushOutcome {
  return { retryAt: null, ...parts };
}

/** All jobs of this token that are due. Those of others are taken as well. */
export async function takenFor(store: TokenStore, { tokenId }: Pick<NewToken, 'tokenId'>, now: number, leaseMs = LEASE_MS): Promise<PushJob[]> {
  return (await store.takeDue(now, 1000, leaseMs)).filter(({ token }) => equalBytes(token.tokenId, tokenId));
}

/** The job of this token that is expected to be due. */
export async function dueJob(store: TokenStore, token: Pick<NewToken, 'tokenId'>, now: number, leaseMs = LEASE_MS): Promise<PushJob> {
  const jobs = await takenFor(store, token, now, leaseMs);
  expect(jobs).toHaveLength(1);
  return jobs[0]!;
}

/** Settles all kinds of a job as delivered. */
export function delivered(store: TokenStore, job: PushJob, now: number, leaseMs = LEASE_MS): Promise<PushJob | null> {
  return store.settle(job, outcome({ verification: 'delivered', messages: 'delivered', check: 'delivered' }), now, leaseMs);
}

/** All subscriptions of a relay that are to be made, by as many pages as there are. */
export async function toMake(store: TokenStore, relay: string, limit = 100): Promise<SubscriptionRecord[]> {
  const found = new Map<string, SubscriptionRecord>();
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<TokenStore['subscriptionsToMake']>> = await store.subscriptionsToMake(relay, after, limit);
    expect(page.subscriptions.length).toBeLessThanOrEqual(limit);
    for (const subscription of page.subscriptions) found.set(toBase64Url(subscription.notifierId), subscription);
    after = page.next;
  } while (after !== null);
  return [...found.values()];
}

/** In the order of their bytes, to be compared. */
export function sorted<T extends { readonly notifierId: Uint8Array; readonly relay: string }>(items: Iterable<T>): T[] {
  const nameOf = ({ notifierId, relay }: T): string => `${toBase64Url(notifierId)} ${relay}`;
  return [...items].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}
