/**
 * The lanes: for each queue what is to be done at its relay, one task after the other, each until it has an answer. Lanes are in the store, so
 * they go on after a restart; an attempt whose answer was lost is made again, and the other side knows it by its hash.
 */
import { DAY, HOUR, MINUTE, SECOND } from '@polyplex/base';
import type { ReplyOf } from '@polyplex/protocol-smp';
import { finishDelete } from '../connect/delete-connection.ts';
import type { AgentContext } from '../context.ts';
import type { TaskRecord } from '../records/records.ts';
import { done, laneQueue, type Outcome, perform, refused } from './perform.ts';

/** Waits between attempts (agent §7.1): they grow after a time, up to a limit, until it is given up. */
const PACES = {
  fast: { firstMs: 2 * SECOND, growsAfterMs: 10 * SECOND, longestMs: 120 * SECOND, giveUpMs: 2 * DAY },
  slow: { firstMs: 5 * MINUTE, growsAfterMs: MINUTE, longestMs: 6 * HOUR, giveUpMs: 7 * DAY },
} as const;

interface LaneState {
  /** Ends the wait before the next attempt. */
  wake: (() => void) | null;
}

export interface LaneHandlers {
  /** A message that came with the answer to an acknowledgement. */
  readonly onMessage: (queueId: string, message: ReplyOf<'MSG'>) => void;
  /** The store has failed. */
  readonly onFailure: (error: unknown) => void;
}

export class Lanes {
  readonly #context: AgentContext;
  readonly #handlers: LaneHandlers;
  readonly #running = new Map<string, LaneState>();
  #closed = false;

  constructor(context: AgentContext, handlers: LaneHandlers) {
    this.#context = context;
    this.#handlers = handlers;
  }

  /** Lanes with something in them. */
  get busy(): number {
    return this.#running.size;
  }

  /** Begins what is in the store. */
  resume(): void {
    const lanes = this.#context.read((records) => new Set(records.list('task').map(({ key }) => key.slice(0, key.indexOf('/')))));
    for (const lane of lanes) this.begin(lane);
  }

  /** There is something new in a lane. */
  begin(lane: string): void {
    if (this.#closed || this.#running.has(lane)) return;
    const state: LaneState = { wake: null };
    this.#running.set(lane, state);
    this.#run(lane, state).then(() => {
      this.#running.delete(lane);
      // Something may have come between the last look and the end.
      if (!this.#closed && this.#first(lane) !== undefined) this.begin(lane);
    }).catch((error: unknown) => this.#handlers.onFailure(error));
  }

  /** Does not wait any more before the next attempt. */
  hurry(lane: string): void {
    this.#running.get(lane)?.wake?.();
  }

  close(): void {
    this.#closed = true;
    for (const { wake } of this.#running.values()) wake?.();
  }

  #first(lane: string): { readonly key: string; readonly value: TaskRecord } | undefined {
    return this.#context.read((records) => records.list('task', `${lane}/`, 1)[0]);
  }

  async #run(lane: string, state: LaneState): Promise<void> {
    for (let wait: number | null = 0; (wait = await this.#attempt(lane, wait)) !== null;) {
      if (wait > 0) await this.#pause(state, wait);
    }
  }

  /**
   * How long to wait before the next attempt, 0 where a task is done; null: there is none. What a task holds is not kept while it waits: there may be
   * a message for each of ten thousand who never read.
   */
  async #attempt(lane: string, lastWait: number): Promise<number | null> {
    const first = this.#closed ? undefined : this.#first(lane);
    if (first === undefined) return null;
    const queue = laneQueue(this.#context, lane);
    const outcome: Outcome = queue === undefined ? { result: 'refused', reason: 'GONE' } : await perform(this.#context, first.value.task, queue);
    if (this.#closed) return null;
    if (outcome.result === 'again') {
      const elapsedMs = this.#context.clock.now() - first.value.since;
      if (elapsedMs < PACES[outcome.pace].giveUpMs) {
        if (outcome.isFull === true) await this.#full(first.value);
        return nextWait(lastWait, elapsedMs, outcome.pace);
      }
    }
    await this.#settle(lane, first, outcome);
    return 0;
  }

  async #settle(lane: string, { key, value }: { readonly key: string; readonly value: TaskRecord }, outcome: Outcome): Promise<void> {
    await this.#context.change((step) => {
      // It may have been taken back meanwhile, with its queue.
      if (step.get('task', key) === undefined) return;
      step.remove('task', key);
      if (outcome.result === 'done') done(step, lane, value);
      else refused(step, lane, { key, record: value, reason: reasonOf(outcome) });
      finishDelete(step, value.connectionId);
    });
    if (outcome.result === 'done' && outcome.next !== null) this.#handlers.onMessage(lane, outcome.next);
  }

  /** What waits for room is told at each attempt. */
  async #full({ task, connectionId }: TaskRecord): Promise<void> {
    if (task.do === 'send' && task.what === 'message') await this.#context.change((step) => step.emit({ type: 'full', connectionId }));
  }

  #pause(state: LaneState, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        state.wake = null;
        resolve();
      };
      const cancel = this.#context.clock.after(ms, end);
      state.wake = end;
    });
  }
}

function reasonOf(outcome: Exclude<Outcome, { result: 'done' }>): string {
  if (outcome.result === 'refused') return outcome.reason;
  return outcome.isFull === true ? 'QUOTA' : 'EXPIRED';
}

function nextWait(wait: number, elapsedMs: number, pace: keyof typeof PACES): number {
  const { firstMs, growsAfterMs, longestMs } = PACES[pace];
  if (wait < firstMs) return firstMs;
  return elapsedMs < growsAfterMs ? wait : Math.min(wait * 1.5, longestMs);
}
