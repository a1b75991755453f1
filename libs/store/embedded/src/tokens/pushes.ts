/** What relays send, and the jobs made of it (NTF §3, §4.5, §4.6). */
import { equalBytes, hasCode, SECOND } from '@polyplex/base';
import { owned } from '@polyplex/store-common';
import type { Announced, Item, PushJob, PushOutcome, Pushes, ReceivedNotification } from '@polyplex/store-contract';
import { answer, guarded, now as readNow } from '../engine.ts';
import { sweep } from '../files/sweep.ts';
import { idOfTimeKey, timeKey } from '../files/tables.ts';
import { asStoreError } from '../store-failure.ts';
import { type Due, invalidStatus, nextCheck, resultsOf, settleJob } from './due.ts';
import { dueAnswer, FREES, GROWS, lastNotificationsOf, type TokenEngine } from './engine.ts';
import { OpenToken, sameDevice } from './open-token.ts';
import { numberOf } from './relay-rows.ts';
import { placeOf } from './tables.ts';

/** Some milliseconds of work. */
const NOTIFICATIONS_PER_STEP = 100;
const NO_ID = new Uint8Array(0);

/** The time of a call, and for how long it takes jobs; null: it takes none. */
interface Lease {
  readonly now: number;
  readonly leaseMs: number | null;
}

type Settled = Parameters<Pushes['settle']>[0];

export function createPushes(engine: TokenEngine): Pushes {
  return {
    receive: (relay, notifications, now, leaseMs) => guarded(engine, () => receiveAll(engine, relay, owned(notifications), { now, leaseMs })),
    takeDue: (now, limit, leaseMs) => guarded(engine, () => takeDue(engine, limit, { now, leaseMs })),
    settle: ({ token, lease }, outcome, now, leaseMs) => {
      const job = { token: owned({ tokenId: token.tokenId, device: token.device }) as Settled['token'], lease };
      return guarded(engine, () => settle(engine, job, { ...outcome }, { now, leaseMs }));
    },
    onDue: (listener) => void engine.listeners.due.add(listener),
    lastNotifications: (tokenId) => readNow(engine, () => lastNotificationsOf(engine, engine.tables.notifications.get(tokenId) ?? [])),
  };
}

/** Together, so that a token's notifications travel together; where that fails, each by itself. */
async function receiveAll(
  engine: TokenEngine, relay: string, notifications: readonly ReceivedNotification[], lease: Lease,
): Promise<readonly Item<Announced>[]> {
  const parts: Promise<readonly Item<Announced>[]>[] = [];
  for (let at = 0; at < notifications.length; at += NOTIFICATIONS_PER_STEP) {
    const some = notifications.slice(at, at + NOTIFICATIONS_PER_STEP);
    parts.push(receiveSome(engine, relay, some, lease).catch((error: unknown) => {
      if (!hasCode(error, 'DAMAGED')) return some.map(() => asStoreError(error));
      return Promise.all(some.map((one) => receiveSome(engine, relay, [one], lease).then(([item]) => item!, asStoreError)));
    }));
  }
  return (await Promise.all(parts)).flat();
}

function receiveSome(
  engine: TokenEngine, relay: string, notifications: readonly ReceivedNotification[], { now, leaseMs }: Lease,
): Promise<readonly Announced[]> {
  return engine.writes.run<readonly Announced[]>(() => {
    const number = numberOf(engine, relay);
    if (number === null) return answer(notifications.map(() => 'none'));
    const opened = new Opened(engine);
    const tokens = notifications.map((each) => keep(engine, opened, number, each));
    const announced = tokens.map((token, i): Announced => {
      if (token === null) return 'none';
      if (leaseMs === null || tokens.indexOf(token) < i) return 'waiting';
      return token.lease(now, leaseMs) ?? 'waiting';
    });
    opened.save();
    return leaseMs === null ? dueAnswer(engine, announced) : answer(announced);
  }, GROWS);
}

/** The tokens of one step. */
class Opened {
  private readonly engine: TokenEngine;
  private readonly tokens: OpenToken[] = [];

  constructor(engine: TokenEngine) {
    this.engine = engine;
  }

  find(tokenId: Uint8Array): OpenToken | null {
    const known = this.tokens.find((token) => equalBytes(token.tokenId, tokenId));
    if (known !== undefined) return known;
    const token = OpenToken.find(this.engine, tokenId);
    if (token !== null) this.tokens.push(token);
    return token;
  }

  save(): void {
    for (const token of this.tokens) token.save();
  }
}

/** Keeps one; answers its token, where it is ACTIVE. */
function keep(engine: TokenEngine, opened: Opened, relay: number, received: ReceivedNotification): OpenToken | null {
  const { notifierId, nonce, meta, receivedAt } = received;
  const subscription = engine.tables.subscriptions.get(placeOf(relay, notifierId));
  const token = subscription === null ? null : opened.find(subscription.tokenId);
  if (token?.row.status !== 'ACTIVE') return null;
  const isThis = (each: { relay: number; notifierId: Uint8Array }): boolean => each.relay === relay && equalBytes(each.notifierId, notifierId);
  const before = token.notifications.find(isThis);
  if (before !== undefined && equalBytes(before.nonce, nonce)) return token;
  token.setNotifications([...token.notifications.filter((each) => !isThis(each)), { relay, notifierId, nonce, meta, receivedAt }]);
  token.push.due.messages ??= receivedAt;
  return token;
}

function takeDue(engine: TokenEngine, limit: number, { now, leaseMs }: Lease): Promise<readonly PushJob[]> {
  return sweep(engine, { table: engine.tables.due, end: timeKey(now + 1, NO_ID), limit }, (key) => {
    // It may have been taken, or gone, since the index was read.
    const token = OpenToken.find(engine, idOfTimeKey(key));
    const job = token?.lease(now, leaseMs!) ?? null;
    token?.save();
    return job;
  });
}

function settle(engine: TokenEngine, job: Settled, outcome: PushOutcome, { now, leaseMs }: Lease): Promise<PushJob | null> {
  return engine.writes.run<PushJob | null>(() => {
    const token = OpenToken.find(engine, job.token.tokenId);
    if (token === null) return answer(null);
    const next = settleOn(token, job, outcome, now) ? token.lease(now, leaseMs!) : null;
    token.save();
    return answer(next);
  }, FREES);
}

/** Whether the token may have another job now. */
function settleOn(token: OpenToken, job: Settled, outcome: PushOutcome, now: number): boolean {
  if (!token.hasLease(job.lease)) {
    const status = invalidStatus(resultsOf(outcome));
    if (status !== null && sameDevice(token.row.device, job.token.device)) token.invalidate(status);
    return false;
  }
  const ended = settleJob(token.push, outcome);
  for (const { kind, result } of ended) end(token, kind, result === 'delivered', now);
  const status = invalidStatus(ended.map(({ result }) => result));
  if (status !== null) token.invalidate(status);
  return status === null;
}

/** What follows from the end of one kind. */
function end(token: OpenToken, kind: keyof Due, isDelivered: boolean, now: number): void {
  const { status } = token.row;
  if (kind === 'verification' && isDelivered && status !== 'CONFIRMED' && status !== 'ACTIVE') token.change({ status: 'CONFIRMED' });
  if (kind !== 'check') return;
  if (isDelivered) token.row = { ...token.row, cronSentAt: Math.floor(now / SECOND) };
  token.push.due.check = nextCheck(token.row, now);
}
