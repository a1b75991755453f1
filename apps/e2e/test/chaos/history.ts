/**
 * What the clients of a chaos test saw, queue by queue, with times of one monotonic clock: all clients live in this
 * process, so "before" means that one thing had happened here when the other began.
 */

/** One SEND; each try is a number of its own, so that a number is stored at most once. */
export interface Send {
  readonly number: number;
  readonly sentAt: number;
  /** When any answer came; null while there is none, also when it never comes. */
  answeredAt: number | null;
  /** `error`: the relay does not say whether it was stored. */
  outcome: 'ok' | 'quota' | 'error' | null;
}

/** One SUB. */
export interface Claim {
  readonly connection: number;
  readonly issuedAt: number;
  /** When OK came; null when another answer came, or none: then nobody knows whether and when it took place. */
  answeredAt: number | null;
}

export interface Delivery {
  readonly number: number;
  readonly connection: number;
  readonly at: number;
  /** False for a connection that its client has given up already: it acknowledges nothing. */
  readonly isLive: boolean;
}

export interface Ack {
  readonly number: number;
  readonly connection: number;
  /** When it was answered OK. */
  readonly answeredAt: number;
}

export interface End {
  readonly connection: number;
  readonly at: number;
}

export class QueueHistory {
  readonly sends = new Map<number, Send>();
  readonly claims: Claim[] = [];
  readonly deliveries: Delivery[] = [];
  readonly acks: Ack[] = [];
  readonly ends: End[] = [];
  /** Accepted, and on its way to a live connection. */
  readonly waiting = new Set<number>();
  private readonly arrived = new Set<number>();
  /** The latest time of sending among the messages that arrived at a live connection. */
  progressedTo = -Infinity;

  sent(number: number, at = performance.now()): Send {
    const send: Send = { number, sentAt: at, answeredAt: null, outcome: null };
    this.sends.set(number, send);
    return send;
  }

  answered(send: Send, outcome: NonNullable<Send['outcome']>, at = performance.now()): void {
    [send.outcome, send.answeredAt] = [outcome, at];
    if (outcome === 'ok' && !this.arrived.has(send.number)) this.waiting.add(send.number);
  }

  claiming(connection: number, at = performance.now()): Claim {
    const claim: Claim = { connection, issuedAt: at, answeredAt: null };
    this.claims.push(claim);
    return claim;
  }

  delivered(number: number, connection: number, isLive: boolean, at = performance.now()): void {
    this.deliveries.push({ number, connection, at, isLive });
    if (!isLive) return;
    this.arrived.add(number);
    this.waiting.delete(number);
    this.progressedTo = Math.max(this.progressedTo, this.sends.get(number)?.sentAt ?? -Infinity);
  }

  acknowledged(number: number, connection: number, at = performance.now()): void {
    this.acks.push({ number, connection, answeredAt: at });
  }

  ended(connection: number, at = performance.now()): void {
    this.ends.push({ connection, at });
  }
}

/** Everything, and what no client should ever see: errors that say that data is gone, answers that make no sense. */
export class History {
  readonly queues: readonly QueueHistory[];
  readonly anomalies: string[] = [];
  /** When connections of recipients were closed, by either side. */
  readonly closed = new Map<number, number>();

  constructor(queues: number) {
    this.queues = Array.from({ length: queues }, () => new QueueHistory());
  }
}
