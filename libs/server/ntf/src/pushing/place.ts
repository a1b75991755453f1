/**
 * One push service as the pushing side sees it: jobs that wait for it, how many it may have at once, and for how long it is
 * left alone. It starts small: the room doubles with each push that it takes, and is one again after a pause.
 */
import { MINUTE, SECOND } from '@polyplex/base';
import type { PushAnswer, PushCause } from '@polyplex/push';
import type { PushJob } from '@polyplex/store-contract';

export interface Waiting {
  readonly job: PushJob;
  /** When its lease ends. */
  readonly until: number;
}

/** Where a few failures in a row say that the service has trouble, and not the device. */
const SHARED_TROUBLE: ReadonlySet<PushCause> = new Set(['timeout', 'connection', 'unavailable']);
const FAILURES_TO_PAUSE = 5;
const FIRST_PAUSE_MS = SECOND / 2;
/** One push a minute finds out soon enough that a service works again. */
const LONGEST_PAUSE_MS = MINUTE;
/** A service that has taken so many pushes in a row has proven itself. */
const FIRST_ROOM = 2;

export class Place {
  readonly name: string;
  readonly maxInFlight: number;
  inFlight = 0;
  pausedUntil = 0;
  /** Pauses in a row. */
  pauses = 0;
  #room: number;
  #isProven = false;
  #failures = 0;
  /** A queue of which the front is taken by index, and cut off now and then. */
  #queue: Waiting[] = [];
  #front = 0;

  constructor(name: string, maxInFlight: number) {
    this.name = name;
    this.maxInFlight = maxInFlight;
    this.#room = Math.min(FIRST_ROOM, maxInFlight);
  }

  get queued(): number {
    return this.#queue.length - this.#front;
  }

  /** It took a push, and had no pause since. */
  get isProven(): boolean {
    return this.#isProven;
  }

  get hasRoom(): boolean {
    return this.inFlight < this.#room;
  }

  /** When the oldest of those that wait became due; null: nobody waits. Near the front, since jobs come about in their order. */
  get dueSince(): number | null {
    return this.#queue[this.#front]?.job.dueSince ?? null;
  }

  push(waiting: Waiting): void {
    this.#queue.push(waiting);
  }

  shift(): Waiting | null {
    const first = this.#queue[this.#front];
    if (first === undefined) return null;
    this.#front += 1;
    if (this.#front === this.#queue.length || this.#front >= 1024) {
      this.#queue = this.#queue.slice(this.#front);
      this.#front = 0;
    }
    return first;
  }

  /** Of a push that was under way; true: it is paused from now on. */
  answered(answer: PushAnswer, now: number): boolean {
    if (answer.result !== 'retry') {
      // What was not sent says nothing of the service.
      if ('cause' in answer && answer.cause === 'not-allowed') return false;
      this.#works();
      return false;
    }
    if (now < this.pausedUntil) return false;
    if (SHARED_TROUBLE.has(answer.cause)) this.#failures += 1;
    if (!answer.place && this.#failures < FAILURES_TO_PAUSE) return false;
    this.#pause(answer.afterMs ?? 0, now);
    return true;
  }

  #works(): void {
    this.#failures = 0;
    this.pauses = 0;
    this.#isProven = true;
    this.#room = Math.min(this.#room * 2, this.maxInFlight);
  }

  #pause(afterMs: number, now: number): void {
    const backOffMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.pauses, 16), LONGEST_PAUSE_MS);
    this.pausedUntil = now + Math.max(afterMs, backOffMs);
    this.pauses += 1;
    this.#failures = 0;
    this.#isProven = false;
    this.#room = 1;
  }
}
