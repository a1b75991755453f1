/**
 * One queue of steps, written in groups: all steps that are waiting when a transaction begins share it and its flush,
 * so a lone step waits for nobody and many cost one flush. While a group is being flushed, and a little longer where the store
 * says so, the next one gathers.
 *
 * A step has two halves. `work` runs inside the transaction and sees what the steps before it wrote; it may run again,
 * and must change nothing but the tables. The function that it returns runs once, after the group is durable, in the
 * order of the steps: there the answer is made, subscriptions change and listeners are called. So nothing in memory
 * ever tells of what was not committed.
 */
import { idKey, type IdKey, SECOND } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import type { StoreError } from '@polyplex/store-contract';
import { Histogram } from '@polyplex/telemetry';
import { ABORT, type RootDatabase } from 'lmdb';
import { asStoreError } from './store-failure.ts';

/** A group ends when it has worked this long, so that reads and sockets get their turn. */
const GROUP_WORK_MS = 10;
/** So many steps share a group's costs well enough. */
const MANY_WAITING = 64;
/** About 256 MiB of messages; more waiting means that the disk has stopped. */
const MAX_WAITING = 16_384;

export type Finish<T> = () => T;
export type Work<T> = () => Finish<T>;

export interface StepOptions {
  /** The queues whose reads have to wait for this step. */
  readonly queues: readonly IdKey[];
  /** Frees space or takes none to speak of: tried again without the others when the disk is full. */
  readonly frees?: boolean;
  /** Taken however many wait. */
  readonly always?: boolean;
}

interface Entry {
  readonly work: Work<unknown>;
  readonly keys: readonly IdKey[];
  readonly frees: boolean;
  finish: Finish<unknown> | null;
  readonly resolve: (value: never) => void;
  readonly reject: (error: StoreError) => void;
}

/** What the store has to do with groups: its counters are written last, and taken over or dropped with the group. */
export interface GroupHooks {
  begin(): void;
  beforeCommit(): void;
  committed(): void;
  /** Whether there is no space left; LMDB reports a write cut short for lack of it as an I/O error. */
  isFull(): Promise<boolean>;
  /** Gives away what is kept for steps that free space; false when there is nothing. */
  makeRoom(): boolean;
  /** Some space may have been freed: what was given away can be kept again. */
  keepRoom(): void;
  /** The store takes no more steps. */
  failed(reason: StoreError): void;
}

export class WriteQueue {
  /** What groups took, from asking for their transaction until it was durable or had failed; seconds. */
  readonly commitSeconds = new Histogram();
  private readonly root: RootDatabase;
  private readonly hooks: GroupHooks;
  private readonly groupsApartMs: number;
  private waiting: Entry[] = [];
  private readonly busy = new Map<IdKey, number>();
  private running: Promise<void> | null = null;
  /** Steps of the next group; fewer while the disk is full: one that frees space takes some until it is committed. */
  private groupSteps = MAX_WAITING;
  private failure: StoreError | null = null;

  /**
   * `groupsApartMs`: while steps keep coming, groups begin at least so far apart. Each has costs of its own, some 200 us of CPU
   * for a transaction, a flush, and turns of two threads, which a few steps do not share well.
   */
  constructor(root: RootDatabase, hooks: GroupHooks, groupsApartMs = 0) {
    this.root = root;
    this.hooks = hooks;
    this.groupsApartMs = groupsApartMs;
  }

  /** Null while steps are taken; afterwards the reason why not. */
  get state(): StoreError | null {
    return this.failure;
  }

  get idle(): boolean {
    return this.running === null;
  }

  /** Whether a step on this queue is waiting or being flushed. */
  isBusy(recipientId: Uint8Array): boolean {
    return this.busy.size > 0 && this.busy.has(idKey(recipientId));
  }

  /** Resolves with the step's answer when it is durable. Rejects with a `StoreError`. */
  run<T>(work: Work<T>, options: StepOptions): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const tooMany = this.waiting.length >= MAX_WAITING && options.always !== true;
      const refused = this.failure ?? (tooMany ? storeError('UNAVAILABLE') : null);
      if (refused !== null) {
        reject(refused);
        return;
      }
      const keys = options.queues;
      for (const key of keys) this.busy.set(key, (this.busy.get(key) ?? 0) + 1);
      this.waiting.push({ work, keys, frees: options.frees === true, finish: null, resolve, reject });
      this.running ??= this.drain();
    });
  }

  /** Refuses new steps from now on; resolves when those waiting are through. */
  async close(): Promise<void> {
    this.failure ??= storeError('UNAVAILABLE', undefined, 'the store is closed');
    await this.settled();
  }

  /** Resolves when no step waits any more. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const began = performance.now();
      const came = await this.writeGroup();
      const rest = began + this.groupsApartMs - performance.now();
      if (came > 0 && came < MANY_WAITING && rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    }
    this.running = null;
  }

  /** How many steps came while it was written: not those that its own answers brought, whose caller is alone. */
  private async writeGroup(): Promise<number> {
    const group: Entry[] = [];
    let thrown: unknown = null;
    let failed = false;
    const began = performance.now();
    try {
      await this.root.childTransaction(() => {
        // Steps that came after the transaction was asked for still join it.
        failed = !this.work(group, (error) => (thrown = error));
        return failed ? ABORT : undefined;
      }).finally(() => this.commitSeconds.observe((performance.now() - began) / SECOND));
      if (!failed) {
        this.groupSteps = Math.min(2 * this.groupSteps, MAX_WAITING);
        const came = this.waiting.length;
        this.finish(group);
        return came;
      }
    } catch (error) {
      // The transaction may never have got to its work: then those waiting fail with it.
      if (group.length === 0) group.push(...this.waiting.splice(0));
      await this.commitFailed(group, error);
      return 0;
    }
    // The last one of the group is to blame; the others go again, in order, without it.
    const guilty = group.pop();
    if (guilty !== undefined) this.reject([guilty], asStoreError(thrown));
    this.waiting.unshift(...group);
    return 0;
  }

  /** Moves steps from `waiting` to the group and runs their first halves. False: the last one threw. */
  private work(group: Entry[], onError: (error: unknown) => void): boolean {
    const until = performance.now() + GROUP_WORK_MS;
    this.hooks.begin();
    let taken = 0;
    try {
      for (const entry of this.waiting) {
        group.push(entry);
        taken++;
        entry.finish = entry.work();
        if (taken >= this.groupSteps || performance.now() > until) break;
      }
      this.hooks.beforeCommit();
      return true;
    } catch (error) {
      onError(error);
      return false;
    } finally {
      this.waiting.splice(0, taken);
    }
  }

  private finish(group: readonly Entry[]): void {
    this.hooks.committed();
    this.hooks.keepRoom();
    for (const entry of group) {
      this.release(entry);
      try {
        entry.resolve(entry.finish?.() as never);
      } catch (error) {
        entry.reject(asStoreError(error));
      }
    }
  }

  /**
   * A commit that did not fit is repeated with the steps that free space, and where those do not fit together, with half
   * of them; one that does not fit alone gets the room that is kept for it. After any other failure LMDB may refuse all further work, so the store does too until it is opened again.
   */
  private async commitFailed(group: readonly Entry[], error: unknown): Promise<void> {
    const cause = await commitError(error);
    const full = (await this.hooks.isFull()) ? storeError('FULL', cause) : asStoreError(cause);
    const reason = full.code === 'FULL' && !this.canBegin() ? storeError('FAILED', cause) : full;
    if (reason.code === 'FULL') {
      this.tooFull(group, reason);
      return;
    }
    this.reject(group, reason);
    if (this.failure === null) this.hooks.failed(reason);
    this.failure ??= reason;
    this.reject(this.waiting.splice(0), reason);
  }

  private tooFull(group: readonly Entry[], reason: StoreError): void {
    const freeing = group.filter((entry) => entry.frees);
    this.reject(group.filter((entry) => !entry.frees), reason);
    if (freeing.length === 1 && group.length === 1 && !this.hooks.makeRoom()) {
      this.reject(freeing, reason);
      return;
    }
    if (freeing.length === group.length) this.groupSteps = Math.ceil(group.length / 2);
    this.waiting.unshift(...freeing);
  }

  /** Whether LMDB still begins transactions: after some failures it never does again. */
  private canBegin(): boolean {
    try {
      this.root.transactionSync(() => undefined);
      return true;
    } catch {
      return false; // the failure that matters is the commit's, and that one is reported
    }
  }

  private reject(entries: readonly Entry[], error: StoreError): void {
    for (const entry of entries) {
      this.release(entry);
      entry.reject(error);
    }
  }

  private release(entry: Entry): void {
    for (const key of entry.keys) {
      const left = (this.busy.get(key) ?? 1) - 1;
      if (left === 0) this.busy.delete(key);
      else this.busy.set(key, left);
    }
  }
}

/** lmdb rejects with a general error that holds a promise rejected with the reason. */
async function commitError(error: unknown): Promise<unknown> {
  const reason = (error as { commitError?: Promise<unknown> } | null)?.commitError;
  if (reason === undefined) return error;
  return reason.then(
    () => error,
    (cause: unknown) => cause,
  );
}
