/**
 * Messages under way. Each carries a number in its first bytes, by which the recipient's end, in the same worker, finds who
 * waits for it. One look a second finds those that do not come.
 */
import { SwarmError } from './failure.ts';

export interface Arrival {
  /** On the clock of `performance.now()`. */
  readonly at: number;
  readonly ackMs: number;
}

interface Expected {
  readonly recipient: string;
  readonly until: number;
  readonly resolve: (arrival: Arrival | null) => void;
  readonly reject: (error: SwarmError) => void;
}

const TAG_BYTES = 8;
/** Acknowledged lately: a delivery of one of these is one too many. */
const REMEMBERED = 65_536;

export class Deliveries {
  private readonly timeoutMs: number;
  private readonly expected = new Map<number, Expected>();
  private readonly acknowledged = new Set<number>();
  /** Sent and not arrived; true once the relay has accepted it. */
  private readonly under = new Map<number, boolean>();
  private next = 1;
  delivered = 0;
  lost = 0;
  repeated = 0;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** A body of so many bytes with a number of its own. */
  body(bytes: number): { readonly tag: number; readonly body: Uint8Array } {
    const body = new Uint8Array(Math.max(bytes, TAG_BYTES));
    const tag = this.next++;
    this.under.set(tag, false);
    new DataView(body.buffer).setFloat64(0, tag);
    return { tag, body };
  }

  /** Null once the recipient has gone off-line; rejects when it does not come in time. */
  expect(tag: number, recipient: string): Promise<Arrival | null> {
    return new Promise((resolve, reject) => {
      this.expected.set(tag, { recipient, until: performance.now() + this.timeoutMs, resolve, reject });
    });
  }

  /** Messages that the relay accepted and nobody has had yet. */
  get owed(): number {
    let owed = 0;
    for (const accepted of this.under.values()) if (accepted) owed++;
    return owed;
  }

  accepted(tag: number): void {
    if (this.under.has(tag)) this.under.set(tag, true);
  }

  /** Nobody waits for it any more; what was not accepted may not come at all. */
  forget(tag: number): void {
    if (this.under.get(tag) === false) this.under.delete(tag);
    this.expected.get(tag)?.resolve(null);
    this.expected.delete(tag);
  }

  /** What came, opened; the number is 0 for what is no message of ours. */
  tagOf(body: Uint8Array): number {
    return body.length < TAG_BYTES ? 0 : new DataView(body.buffer, body.byteOffset).getFloat64(0);
  }

  arrived(tag: number): void {
    this.delivered++;
    this.under.delete(tag);
    if (this.acknowledged.has(tag)) this.repeated++;
  }

  acknowledgedWith(tag: number, arrival: Arrival): void {
    this.acknowledged.add(tag);
    if (this.acknowledged.size > REMEMBERED) this.acknowledged.delete(this.acknowledged.values().next().value!);
    this.expected.get(tag)?.resolve(arrival);
    this.expected.delete(tag);
  }

  /** Nobody waits any longer for what this recipient would have got: it will come when it is back. */
  gone(recipient: string): void {
    for (const [tag, each] of this.expected) {
      if (each.recipient !== recipient) continue;
      this.expected.delete(tag);
      each.resolve(null);
    }
  }

  /** Gives up what is too late; call it once a second. */
  sweep(now: number): void {
    for (const [tag, each] of this.expected) {
      if (each.until > now) continue;
      this.expected.delete(tag);
      this.lost++;
      each.reject(new SwarmError('TIMEOUT', 'deliver', 'a message was accepted and not delivered in time'));
    }
  }
}
