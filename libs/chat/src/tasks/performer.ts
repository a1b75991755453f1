/** What performs a task, and what it is given. */
import type { Agent, AgentStep } from '@polyplex/agent';
import type { ChatReader } from '../records/chat-reader.ts';
import type { Task } from '../records/records.ts';
import type { Step } from '../step.ts';

export interface TaskContext {
  readonly agent: Agent;
  read<T>(work: (reader: ChatReader) => T): T;
  /** A transaction of its own. */
  change<T>(work: (step: Step) => T): Promise<T>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Nothing more is to be done now: the task goes on after a restart. */
  isClosed(): boolean;
}

/** The end of a task, in the transaction with what it was for. */
export interface Settling {
  /** Inside a step of the agent, such as that of a new connection. Throws where the task is gone. */
  inStep(agentStep: AgentStep, work: (step: Step) => void): void;
  change(work: (step: Step) => void): Promise<void>;
}

type TaskOf<D extends Task['do']> = Extract<Task, { readonly do: D }>;

export interface Performer<D extends Task['do']> {
  /** Tasks of one subject are done one after another. */
  subject(task: TaskOf<D>): string;
  /** Resolves when it has settled the task, or the runner does; rejects as the agent does. */
  perform(context: TaskContext, task: TaskOf<D>, place: { readonly settling: Settling; readonly key: string }): Promise<void>;
  /** It will never be done; `reason` is a code. */
  failed(step: Step, task: TaskOf<D>, reason: string): void;
}

export type Performers = { readonly [D in Task['do']]: Performer<D> };
