/** Asks the store for what is due: when it hints, when room came, and now and then, since hints can be lost. */
import type { Deliveries } from './deliveries.ts';
import type { PushingShared } from './deps.ts';

/** After taking jobs that had to be given back. */
const REFUSED_WAIT_MS = 200;

export class Intake {
  readonly #shared: PushingShared;
  readonly #deliveries: Deliveries;
  #isStopped = true;
  #isTaking = false;
  /** Asked for again while asking. */
  #again = false;
  /** The last answer was as much as was asked for, or there was no room to ask. */
  #maybeMore = false;
  #stopPolling: () => void = () => undefined;

  constructor(shared: PushingShared, deliveries: Deliveries) {
    this.#shared = shared;
    this.#deliveries = deliveries;
    shared.store.onDue(() => this.#wake());
  }

  start(): void {
    this.#isStopped = false;
    this.#stopPolling = this.#shared.clock.every(this.#shared.options.pollMs, () => this.#wake());
    this.#wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopPolling();
  }

  /** A job ended; what could not be taken for want of room may be now. */
  roomCame(): void {
    if (this.#maybeMore && this.#deliveries.hasRoom) this.#wake();
  }

  #wake(): void {
    if (this.#isStopped) return;
    this.#again = true;
    if (!this.#isTaking) void this.#take();
  }

  async #take(): Promise<void> {
    const { log, options, pushingStats } = this.#shared;
    this.#isTaking = true;
    try {
      while (this.#again && !this.#isStopped) {
        this.#again = false;
        const room = Math.min(this.#deliveries.room, options.takeJobs);
        this.#maybeMore = true;
        if (room > 0) await this.#takeUpTo(room);
      }
    } catch (error) {
      // The store says itself what its trouble is; the next poll asks again.
      pushingStats.storeFailures.add();
      log.debug('what is due could not be taken', { code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' });
    } finally {
      this.#isTaking = false;
    }
  }

  async #takeUpTo(room: number): Promise<void> {
    const { store, clock, options, pushingStats } = this.#shared;
    const refused = pushingStats.deferred.value;
    const jobs = await store.takeDue(clock.now(), room, options.leaseMs);
    for (const job of jobs) this.#deliveries.offer(job);
    this.#maybeMore = jobs.length === room;
    if (this.#maybeMore && this.#deliveries.hasRoom) this.#again = true;
    // Jobs of a service that has no room for them shall not go round and round; others come nevertheless.
    if (pushingStats.deferred.value > refused) await new Promise<void>((resolve) => clock.after(REFUSED_WAIT_MS, resolve));
  }
}
