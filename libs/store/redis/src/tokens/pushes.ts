/** What relays notify, and the jobs of pushing it (NTF §4.5, §4.6). */
import { copyBytes, idKey } from '@polyplex/base';
import { isId, owned } from '@polyplex/store-common';
import type { Announced, Item, PushJob, Pushes, ReceivedNotification } from '@polyplex/store-contract';
import { StoreError } from '@polyplex/store-contract';
import type { Argument } from '../connection.ts';
import { listOf, numberOf } from '../redis-reply.ts';
import { namedNotifier, readNotifierValue } from './subscription-places.ts';
import { itemsOf, onToken, type TokenEngine, whole } from './token-engine.ts';
import { deviceText, PARTS, relayId } from './token-keys.ts';
import { bufferOf, readJob, readNotes } from './token-values.ts';

/** Names of leases, told apart by whoever leased and by when. */
class LeaseNames {
  private readonly node: string;
  private made = 0;

  constructor(node: string) {
    this.node = node;
  }

  next(): string {
    return `${this.node}.${String(++this.made)}`;
  }
}

interface Leasing {
  readonly engine: TokenEngine;
  readonly names: LeaseNames;
  /** Which part is asked first. */
  turn: number;
}

export function createPushes(engine: TokenEngine): Omit<Pushes, 'onDue'> {
  const leasing: Leasing = { engine, names: new LeaseNames(engine.node), turn: 0 };
  return {
    receive: (relay, notifications, now, leaseMs) => receive(leasing, relay, owned(notifications), { now, leaseMs }),
    takeDue: (now, limit, leaseMs) => takeDue(leasing, now, limit, leaseMs),
    settle: (job, outcome, now, leaseMs) => settle(leasing, job, { ...outcome, now, leaseMs }),
    async lastNotifications(tokenId) {
      return isId(tokenId) ? readNotes(await onToken(engine, 'token-notes', tokenId)) : [];
    },
  };
}

/** The notifications of one token, with their places in the call. */
interface OfToken {
  readonly tokenId: Buffer;
  readonly at: number[];
  readonly args: Argument[];
}

async function receive(leasing: Leasing, relay: string, received: readonly ReceivedNotification[], times: { readonly now: number; readonly leaseMs: number | null }): Promise<readonly Item<Announced>[]> {
  const { engine } = leasing;
  const found = await Promise.allSettled(received.map(({ notifierId }) => namedNotifier(engine, relay, notifierId)));
  const holders = itemsOf(found);
  const answers: Item<Announced>[] = holders.map((holder) => (holder instanceof StoreError ? holder : 'none'));
  const tokens = new Map<string, OfToken>();
  for (const [i, holder] of holders.entries()) {
    if (holder === null || holder instanceof StoreError) continue;
    const { tokenId, subscriptionId } = readNotifierValue(holder);
    const { notifierId, nonce, meta, receivedAt } = received[i]!;
    const ofToken = tokens.get(idKey(tokenId)) ?? { tokenId, at: [], args: [] };
    tokens.set(idKey(tokenId), ofToken);
    ofToken.at.push(i);
    ofToken.args.push(subscriptionId, bufferOf(notifierId), bufferOf(nonce), bufferOf(meta), whole(receivedAt));
  }
  const groups = [...tokens.values()];
  const told = itemsOf(await Promise.allSettled(groups.map((group) => receiveOfToken(leasing, relay, group, times))));
  for (const [g, answer] of told.entries()) {
    for (const [n, i] of groups[g]!.at.entries()) answers[i] = answer instanceof StoreError ? answer : answer[n]!;
  }
  if (answers.includes('waiting')) engine.tellDue();
  return answers;
}

async function receiveOfToken(
  { engine, names }: Leasing, relay: string, { tokenId, args }: OfToken, { now, leaseMs }: { readonly now: number; readonly leaseMs: number | null },
): Promise<Announced[]> {
  const name = leaseMs === null ? '' : names.next();
  const [kept, told] = listOf(await onToken(engine, 'token-receive', tokenId, [relayId(relay), whole(now), name, whole(now + (leaseMs ?? 0)), ...args]));
  let job = readJob(told);
  return listOf(kept).map((isKept) => {
    if (numberOf(isKept) === 0) return 'none';
    const announced = job ?? 'waiting';
    job = null;
    return announced;
  });
}

/** Parts tell since when they have something; jobs go to those that wait longest, and a part with many leaves some to others. */
async function takeDue(leasing: Leasing, now: number, limit: number, leaseMs: number): Promise<readonly PushJob[]> {
  const { engine: { redis, keys }, names } = leasing;
  if (limit < 1) return [];
  const parts = Array.from({ length: PARTS }, (_, i) => (i + leasing.turn) % PARTS);
  leasing.turn = (leasing.turn + 1) % PARTS;
  const perPart = Math.min(limit, Math.max(16, Math.ceil((4 * limit) / PARTS)));
  const waiting = (await Promise.all(parts.map(async (part) => {
    const times = listOf(await redis.run('token-due-times', keys.part(part), [whole(now), String(perPart)])).map(numberOf);
    return times.map((time) => ({ part, time }));
  }))).flat().toSorted((a, b) => a.time - b.time).slice(0, limit);
  const shares = new Map<number, number>();
  for (const { part } of waiting) shares.set(part, (shares.get(part) ?? 0) + 1);
  const jobs = await Promise.allSettled([...shares].map(async ([part, most]) => {
    const name = names.next();
    const told = await redis.run('token-take-due', keys.part(part), [whole(now), String(most), name, whole(now + leaseMs)]);
    return listOf(told).map((job) => readJob(job)).filter((job) => job !== null);
  }));
  // What was leased is answered, even where another part could not tell.
  return itemsOf(jobs).flatMap((found) => (found instanceof StoreError ? [] : found)).toSorted((a, b) => a.dueSince - b.dueSince);
}

type Outcome = Parameters<Pushes['settle']>[1] & { readonly now: number; readonly leaseMs: number };

async function settle({ engine, names }: Leasing, { token, lease }: Pick<PushJob, 'token' | 'lease'>, outcome: Outcome): Promise<PushJob | null> {
  const { now, leaseMs, retryAt, verification = '', messages = '', check = '' } = outcome;
  const name = names.next();
  const args = [lease, deviceText(token.device), whole(now), retryAt === null ? '' : whole(retryAt), verification, messages, check, name, whole(now + leaseMs)];
  const [told] = listOf(await onToken(engine, 'token-settle', copyBytes(token.tokenId), args));
  return readJob(told);
}
