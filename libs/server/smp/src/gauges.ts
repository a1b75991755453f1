/** What there is at this moment, read by a walk over the sessions: as many steps as there are connections, not queues. */
import type { SmpSession } from './smp-session.ts';

export interface SmpGauges {
  readonly connections: number;
  readonly sessions: number;
  readonly subscriptions: number;
  readonly subscribedSessions: number;
  /** NSUBs, one by one. */
  readonly notifierSubscriptions: number;
  readonly notifierSessions: number;
  /** Sessions of notifier services, and the queues that those took over by NSUBS. */
  readonly notifierServices: number;
  readonly notifierServiceSubscriptions: number;
  readonly relays: number;
  /** Messages delivered and not acknowledged, and the sessions that have such. */
  readonly unacknowledged: number;
  readonly unacknowledgedSessions: number;
  /** Bytes that wait for peers that do not read, and how many such peers there are. */
  readonly outboxBytes: number;
  readonly slowSessions: number;
}

type SessionGauges = Omit<SmpGauges, 'connections' | 'relays'>;

export function sessionGauges(clients: Iterable<SmpSession>): SessionGauges {
  const sums = {
    sessions: 0, subscriptions: 0, subscribedSessions: 0, notifierSubscriptions: 0, notifierSessions: 0, notifierServices: 0,
    notifierServiceSubscriptions: 0, unacknowledged: 0, unacknowledgedSessions: 0, outboxBytes: 0, slowSessions: 0,
  };
  for (const { session, subscriptions } of clients) {
    const slow = !session.outbox.writable;
    sums.sessions++;
    sums.subscriptions += subscriptions.subscribed;
    sums.subscribedSessions += Number(subscriptions.any);
    sums.notifierSubscriptions += subscriptions.notifierCount;
    sums.notifierSessions += Number(subscriptions.notifierCount > 0);
    sums.notifierServices += Number(subscriptions.service);
    sums.notifierServiceSubscriptions += subscriptions.serviceQueues ?? 0;
    sums.unacknowledged += subscriptions.unacknowledged;
    sums.unacknowledgedSessions += Number(subscriptions.unacknowledged > 0);
    sums.slowSessions += Number(slow);
    if (slow) sums.outboxBytes += session.connection.bufferedBytes;
  }
  return sums;
}

/** How clients are spread: nothing of any one of them. */
export interface ClientSpread {
  /** Sessions by what they speak: `v18`. */
  readonly byVersion: Readonly<Record<string, number>>;
  /** Sessions by how many queues and notifiers they are subscribed to. */
  readonly bySubscriptions: Readonly<Record<string, number>>;
}

/** Upper bounds of the ranges. */
const RANGES: readonly (readonly [range: string, most: number])[] = [['0', 0], ['1-9', 9], ['10-99', 99], ['100-999', 999], ['1000+', Infinity]];

export function clientSpread(clients: Iterable<SmpSession>): ClientSpread {
  const byVersion: Record<string, number> = {};
  const bySubscriptions: Record<string, number> = Object.fromEntries(RANGES.map(([range]) => [range, 0]));
  for (const { session, subscriptions } of clients) {
    const version = `v${String(session.version)}`;
    const count = subscriptions.subscribed + subscriptions.notifierCount;
    const [range] = RANGES.find(([, most]) => count <= most)!;
    byVersion[version] = (byVersion[version] ?? 0) + 1;
    bySubscriptions[range] = (bySubscriptions[range] ?? 0) + 1;
  }
  return { byVersion, bySubscriptions };
}
