/**
 * Judges a history. Each count is of things that a correct relay cannot cause, whatever is slow or lost on the way; see
 * each for why it cannot give a false alarm.
 */
import type { Delivery, History, QueueHistory, Send } from './history.ts';

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface VerdictOptions extends Span {
  /** What was answered OK in these times may be lost: the level of durability promises no more. */
  readonly mayLose?: readonly Span[];
}

export interface Verdict {
  /** SENDs answered OK. */
  readonly accepted: number;
  /** SENDs of which nobody knows whether they were stored. */
  readonly unknown: number;
  /** Different messages that arrived. */
  readonly delivered: number;
  /** Arrivals of what had arrived before. Normal for what was not acknowledged. */
  readonly duplicates: number;
  readonly lost: number;
  readonly doubles: number;
  readonly misordered: number;
  readonly redelivered: number;
  /** ENDs though nobody can have taken the queue over. */
  readonly unfoundedEnds: number;
  /**
   * ENDs that only a connection can have caused that was closed before the queue was claimed by the one that got END.
   * A relay that hears late of the closing cannot help it.
   */
  readonly endsByClosed: number;
  /** Messages that came after their ACK, but whose SEND was never answered OK: their relay may have stored them twice. */
  readonly storedTwice: number;
  /** Lost and redelivered, as the level of durability allows: in none of the counts above. */
  readonly allowed: number;
  /** The longest time in which nothing arrived in some queue. */
  readonly worstGapMs: number;
  /** The first few of what must not be, with times in milliseconds. */
  readonly findings: readonly string[];
}

type Counts = { -readonly [K in Exclude<keyof Verdict, 'findings'>]: number } & { readonly findings: string[] };
const MOST_FINDINGS = 20;

function note({ findings }: Counts, what: string, facts: object): void {
  if (findings.length < MOST_FINDINGS) findings.push(`${what}: ${JSON.stringify(facts, (_, value: unknown) => (typeof value === 'number' ? Math.round(value * 10) / 10 : value))}`);
}

/** Of the messages sent in a time. What arrives later counts for them, too. */
export function judge(history: History, options: VerdictOptions): Verdict {
  const counts: Counts = {
    accepted: 0, unknown: 0, delivered: 0, duplicates: 0, lost: 0, doubles: 0, misordered: 0, redelivered: 0,
    unfoundedEnds: 0, endsByClosed: 0, storedTwice: 0, allowed: 0, worstGapMs: 0, findings: [],
  };
  for (const queue of history.queues) {
    const sends = [...queue.sends.values()].filter(({ sentAt }) => isIn(options, sentAt));
    const numbers = new Map(sends.map((send) => [send.number, send]));
    const deliveries = queue.deliveries.filter(({ number }) => numbers.has(number));
    countLosses(counts, sends, deliveries, options);
    countDoubles(counts, queue, deliveries, options);
    countRedelivered(counts, queue, deliveries, options);
    counts.misordered += misordered(numbers, deliveries);
    countEnds(counts, queue, history.closed, options);
    counts.worstGapMs = Math.max(counts.worstGapMs, worstGap(queue, options));
  }
  return { ...counts, worstGapMs: Math.round(counts.worstGapMs) };
}

function isIn({ from, to }: Span, at: number): boolean {
  return from <= at && at <= to;
}

function mayBeLost({ mayLose = [] }: VerdictOptions, at: number | null): boolean {
  return at !== null && mayLose.some((span) => isIn(span, at));
}

/** Lost: answered OK and never seen by a live connection. To be asked when nothing is on its way any more. */
function countLosses(counts: Counts, sends: readonly Send[], deliveries: readonly Delivery[], options: VerdictOptions): void {
  const arrived = new Set(deliveries.filter(({ isLive }) => isLive).map(({ number }) => number));
  counts.delivered += arrived.size;
  counts.duplicates += deliveries.length - new Set(deliveries.map(({ number }) => number)).size;
  for (const { number, outcome, answeredAt } of sends) {
    if (outcome === 'ok') counts.accepted++;
    if (outcome === 'error' || outcome === null) counts.unknown++;
    if (outcome !== 'ok' || arrived.has(number)) continue;
    if (mayBeLost(options, answeredAt)) {
      counts.allowed++;
      continue;
    }
    counts.lost++;
    note(counts, 'lost', sends.find((send) => send.number === number)!);
  }
}

/**
 * Double: a message arrives on a connection though the queue was another connection's before the message was even sent.
 * That is so when the other's SUB had been answered OK before the SEND was issued, and every SUB of this connection had
 * been answered OK before the other's was issued. The relay then made the claims in this order and had ended the older
 * one when it got the message, so nothing of that message may go to the older connection, however late. A connection
 * with a SUB that was not answered OK is left out (it may have taken place last), and so is a message that was sent
 * while the other's SUB was under way.
 */
function countDoubles(counts: Counts, queue: QueueHistory, deliveries: readonly Delivery[], options: VerdictOptions): void {
  const claims = Map.groupBy(queue.claims, ({ connection }) => connection);
  const answered = queue.claims.filter(({ answeredAt }) => answeredAt !== null && !mayBeLost(options, answeredAt));
  for (const { number, connection, at } of deliveries) {
    const own = claims.get(connection) ?? [];
    const ownUntil = Math.max(...own.map(({ answeredAt }) => answeredAt ?? Infinity));
    const { sentAt } = queue.sends.get(number)!;
    const taken = answered.find((claim) => claim.connection !== connection && claim.answeredAt! < sentAt && ownUntil <= claim.issuedAt);
    if (taken === undefined) continue;
    counts.doubles++;
    note(counts, 'to two at once', { number, connection, at, sentAt, taken });
  }
}

/**
 * Redelivered: a message arrives after its ACK was answered OK, either on the connection that acknowledged it, whose
 * answers and messages come in the order in which the relay made them, or on one that first asked for the queue after
 * that answer. On any other it may have been on its way when it was acknowledged. A message whose SEND was never answered
 * is counted apart: its relay tried again what had taken place already, as its sender would have done.
 */
function countRedelivered(counts: Counts, queue: QueueHistory, deliveries: readonly Delivery[], options: VerdictOptions): void {
  const acks = Map.groupBy(queue.acks, ({ number }) => number);
  const firstClaims = new Map<number, number>();
  for (const { connection, issuedAt } of queue.claims) firstClaims.set(connection, Math.min(issuedAt, firstClaims.get(connection) ?? Infinity));
  for (const { number, connection, at } of deliveries) {
    const after = (acks.get(number) ?? []).filter((ack) => ack.answeredAt < at
      && (ack.connection === connection || ack.answeredAt < (firstClaims.get(connection) ?? -Infinity)));
    if (after.length === 0) continue;
    const send = queue.sends.get(number)!;
    const isAllowed = after.every(({ answeredAt }) => mayBeLost(options, answeredAt));
    if (isAllowed) counts.allowed++;
    else if (send.outcome !== 'ok') counts.storedTwice++;
    else counts.redelivered++;
    if (!isAllowed) note(counts, 'after ACK', { send, deliveries: deliveries.filter((delivery) => delivery.number === number), after });
  }
}

/** Misordered: a message first arrives after one that was sent only when the first had been answered OK. */
function misordered(sends: ReadonlyMap<number, Send>, deliveries: readonly Delivery[]): number {
  const seen = new Set<number>();
  let latest = -Infinity;
  let count = 0;
  for (const { number, isLive } of deliveries) {
    if (!isLive || seen.has(number)) continue;
    seen.add(number);
    const { outcome, answeredAt, sentAt } = sends.get(number)!;
    if (outcome === 'ok' && answeredAt! <= latest) count++;
    latest = Math.max(latest, sentAt);
  }
  return count;
}

/**
 * END means that another connection took the queue over: one whose SUB may have come after the last SUB of this one that
 * was answered when END arrived. Later SUBs of this one do not count: END may have been on its way.
 */
function countEnds(counts: Counts, { claims, ends }: QueueHistory, closed: History['closed'], span: Span): void {
  for (const { connection, at } of ends) {
    if (!isIn(span, at)) continue;
    const own = claims.filter((claim) => claim.connection === connection && claim.answeredAt !== null && claim.answeredAt < at);
    const lastOwn = Math.max(...own.map(({ issuedAt }) => issuedAt));
    const reasons = claims.filter((claim) => claim.connection !== connection && claim.issuedAt < at && (claim.answeredAt ?? Infinity) > lastOwn);
    if (reasons.length === 0) {
      counts.unfoundedEnds++;
      note(counts, 'END without cause', { connection, at, own: own.slice(-3) });
    } else if (reasons.every((claim) => claim.answeredAt === null && (closed.get(claim.connection) ?? Infinity) < lastOwn)) {
      counts.endsByClosed++;
    }
  }
}

function worstGap({ deliveries }: QueueHistory, { from, to }: Span): number {
  const times = deliveries.filter(({ at, isLive }) => isLive && at >= from && at <= to).map(({ at }) => at);
  const all = [from, ...times, to];
  return Math.max(...all.slice(1).map((at, i) => at - all[i]!));
}
