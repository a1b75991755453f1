/**
 * Requests that wait for answers, by corrId, with a bound on their number. One timer serves them all: tens of
 * thousands of clients in one process would otherwise hold a timer for each command.
 */
import { type Clock, idKey, type IdKey } from '@polyplex/base';
import type { SmpReply } from '@polyplex/protocol-smp';
import { SmpClientError } from './client-error.ts';

export interface PendingRequest<Reply = SmpReply> {
  readonly entityId: Uint8Array;
  /** In milliseconds of the clock. */
  readonly deadline: number;
  readonly settle: (answer: Reply | SmpClientError) => void;
}

export class PendingRequests<Reply = SmpReply> {
  private readonly requests = new Map<IdKey, PendingRequest<Reply>>();
  private readonly clock: Clock;
  private readonly onTimeout: () => void;
  private timer: { readonly at: number; readonly cancel: () => void } | null = null;

  /** `onTimeout` is told of each request that ran out of time. */
  constructor(clock: Clock, onTimeout: () => void) {
    this.clock = clock;
    this.onTimeout = onTimeout;
  }

  get size(): number {
    return this.requests.size;
  }

  add(corrId: Uint8Array, request: PendingRequest<Reply>): void {
    this.requests.set(idKey(corrId), request);
    this.watch(request.deadline);
  }

  /** The request with this corrId, which then no longer waits. */
  take(corrId: Uint8Array): PendingRequest<Reply> | undefined {
    const key = idKey(corrId);
    const request = this.requests.get(key);
    if (request !== undefined) this.requests.delete(key);
    return request;
  }

  /** Settles all with the error that `error` makes. */
  failAll(error: () => SmpClientError): void {
    this.timer?.cancel();
    this.timer = null;
    const requests = [...this.requests.values()];
    this.requests.clear();
    for (const request of requests) request.settle(error());
  }

  private watch(deadline: number): void {
    if (this.timer !== null) {
      if (this.timer.at <= deadline) return;
      this.timer.cancel();
    }
    const cancel = this.clock.after(deadline - this.clock.now(), () => this.expire());
    this.timer = { at: deadline, cancel };
  }

  private expire(): void {
    this.timer = null;
    const now = this.clock.now();
    let next = Infinity;
    const late: PendingRequest<Reply>[] = [];
    for (const [key, request] of this.requests) {
      if (request.deadline > now) {
        next = Math.min(next, request.deadline);
        continue;
      }
      this.requests.delete(key);
      late.push(request);
    }
    if (next !== Infinity) this.watch(next);
    for (const request of late) {
      request.settle(new SmpClientError('TIMEOUT', 'no answer in time'));
      this.onTimeout();
    }
  }
}
