/**
 * Performs tasks: those of a subject one after another, of different subjects side by side and each payer's within its share, again with growing pauses
 * until they are done, refused for good, or too old. Tasks are in the store, and leave it in the transaction with what they were for, so a restart goes on and repeats nothing.
 */
import { type Agent, AgentError } from '@polyplex/agent';
import { type Clock, CodedError, DAY, MINUTE, SECOND } from '@polyplex/base';
import { ChatError } from '../chat-error.ts';
import { FairQueue, type Turn } from '../limits/fair-queue.ts';
import type { Task, TaskRecord } from '../records/records.ts';
import type { Step } from '../step.ts';
import type { Performer, Performers, Settling, TaskContext } from './performer.ts';

/** Subjects that are worked at side by side: most of the time they wait for relays. */
const SHARES = { all: 64, each: 32, eachAgain: 8 };
const FIRST_PAUSE_MS = SECOND;
const LONGEST_PAUSE_MS = 10 * MINUTE;
/** As long as the agent tries to send. */
const GIVE_UP_MS = 2 * DAY;

interface Entry {
  readonly key: string;
  readonly record: TaskRecord;
  attempts: number;
}

export interface RunnerOptions {
  readonly agent: Agent;
  readonly context: TaskContext;
  readonly performers: Performers;
  readonly clock: Clock;
  readonly within: (agentStep: Parameters<Settling['inStep']>[0], work: (step: Step) => void) => void;
  /** A bug, or a store that has failed. */
  readonly onFailure: (error: unknown) => void;
}

export class TaskRunner {
  readonly #options: RunnerOptions;
  /** Of each subject, in their order. */
  readonly #subjects = new Map<string, Entry[]>();
  readonly #keys = new Set<string>();
  /** Subjects that may begin. */
  readonly #ready = new FairQueue<string>(SHARES);
  readonly #pauses = new Set<() => void>();
  #closed = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Tasks that are not done. */
  get waiting(): number {
    return this.#keys.size;
  }

  add(key: string, record: TaskRecord): void {
    if (this.#closed || this.#keys.has(key)) return;
    this.#keys.add(key);
    const subject = this.#performer(record.task).subject(record.task);
    const entry: Entry = { key, record, attempts: 0 };
    const entries = this.#subjects.get(subject);
    if (entries !== undefined) return void entries.push(entry);
    this.#subjects.set(subject, [entry]);
    this.#toBegin(subject, entry);
    this.#next();
  }

  /** What is under way is not waited for: it goes on after a restart. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#pauses) cancel();
  }

  #performer(task: Task): Performer<Task['do']> {
    return this.#options.performers[task.do] as Performer<Task['do']>;
  }

  #next(): void {
    for (let turn = this.#turn(); turn !== null; turn = this.#turn()) {
      const taken = turn;
      this.#begin(taken.item).catch((error: unknown) => this.#options.onFailure(error)).finally(() => {
        this.#ready.done(taken);
        this.#next();
      });
    }
  }

  #turn(): Turn<string> | null {
    return this.#closed ? null : this.#ready.next();
  }

  #toBegin(subject: string, { record: { task }, attempts }: Entry): void {
    this.#ready.add({ payer: payerOf(task), isAgain: attempts > 0, item: subject });
  }

  async #begin(subject: string): Promise<void> {
    const entries = this.#subjects.get(subject)!;
    const [entry] = entries;
    const isDone = await this.#attempt(entry!);
    if (this.#closed) return;
    if (!isDone) return this.#pause(subject, entry!);
    entries.shift();
    this.#keys.delete(entry!.key);
    const [following] = entries;
    if (following === undefined) this.#subjects.delete(subject);
    else this.#toBegin(subject, following);
  }

  /** Whether nothing is left of it. */
  async #attempt({ key, record }: Entry): Promise<boolean> {
    const { context } = this.#options;
    try {
      await this.#performer(record.task).perform(context, record.task, { key, settling: this.#settling(key) });
      if (!this.#closed && this.#isThere(key)) await context.change((step) => step.records.remove('task', key));
      return true;
    } catch (error) {
      if (this.#closed || !this.#isThere(key)) return true;
      const isOld = this.#options.clock.now() - record.since >= GIVE_UP_MS;
      if (!isOld && isTemporary(error)) return false;
      await this.#giveUp(key, record, error);
      return true;
    }
  }

  #isThere(key: string): boolean {
    return this.#options.context.read(({ records }) => records.get('task', key) !== undefined);
  }

  #settling(key: string): Settling {
    const settle = (step: Step, work: (step: Step) => void): void => {
      if (step.records.get('task', key) === undefined) throw new ChatError('UNKNOWN', 'the task is gone');
      step.records.remove('task', key);
      work(step);
    };
    return {
      inStep: (agentStep, work) => this.#options.within(agentStep, (step) => settle(step, work)),
      change: (work) => this.#options.context.change((step) => settle(step, work)),
    };
  }

  async #giveUp(key: string, { task }: TaskRecord, error: unknown): Promise<void> {
    const reason = error instanceof CodedError ? String(error.code) : 'FAILED';
    await this.#options.context.change((step) => {
      step.records.remove('task', key);
      step.count(({ tasksFailed }) => tasksFailed.add());
      if (!(error instanceof CodedError)) step.failed(error);
      this.#performer(task).failed(step, task, reason);
    });
  }

  #pause(subject: string, entry: Entry): void {
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** entry.attempts++, LONGEST_PAUSE_MS);
    const cancel = this.#options.clock.after(ms, () => {
      this.#pauses.delete(cancel);
      this.#toBegin(subject, entry);
      this.#next();
    });
    this.#pauses.add(cancel);
  }
}

/** On whose account it is: a group's, or that of all who are contacts or ask to be. */
function payerOf(task: Task): string {
  const of = 'owner' in task ? task.owner : task;
  return 'groupId' in of ? `group/${String(of.groupId)}` : 'contacts';
}

/** What the network or a relay may answer otherwise another time; what the agent or we have refused stays so. */
function isTemporary(error: unknown): boolean {
  if (error instanceof AgentError) return error.code === 'NO_SERVER';
  return error instanceof CodedError && !(error instanceof ChatError) && error.code !== 'TOO_LARGE';
}
