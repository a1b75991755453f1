/**
 * What happens in a simulated cluster, one thing after another: commands that Redis executes, replies and words that nodes
 * process, in any order that a chooser picks. It also keeps what is true, which no node knows: who claimed last, what was
 * handed to whom, which messages were acknowledged.
 */
import type { Chooser } from './chooser.ts';
import { ModelQueue } from './model-queue.ts';
import { SimNode } from './node.ts';
import { type Parts, REAL_PARTS, type Shape, UNSURE, Violation } from './parts.ts';
import { Session } from './session.ts';

/** `on`: the node that does it, null for Redis; `from`: the node because of which it happens. */
interface Task {
  readonly on: SimNode | null;
  readonly from: SimNode;
  readonly run: () => void;
  readonly born: number;
}

const FAULT_ODDS = 8;

export class World {
  readonly chooser: Chooser;
  readonly shape: Shape;
  readonly parts: Parts;
  readonly queues: ModelQueue[] = [];
  readonly nodes: SimNode[] = [];
  /** All that ever were; the number of one is its place. */
  readonly sessions: Session[] = [];
  readonly trace: string[] | null;
  private readonly tasks: Task[] = [];
  /** How many tasks were done. */
  private now = 0;
  private faultsLeft: number;
  private isUnseen = false;
  /** Something was lost that only a sweep makes up for. */
  isFaulty = false;
  /** Of each queue: whose claim Redis executed last, whatever a failover threw away later. */
  readonly lastClaimant: (number | null)[] = [];
  /** Messages that senders were told are stored. */
  readonly stored = new Map<number, number>();
  readonly acknowledged = new Set<number>();
  nextMessage = 1;
  /** Messages before this one may have gone with a failover that keeps no content. */
  keptFrom = 1;

  constructor(chooser: Chooser, shape: Shape, parts: Parts = REAL_PARTS, trace: string[] | null = null) {
    this.chooser = chooser;
    this.shape = shape;
    this.parts = parts;
    this.trace = trace;
    this.faultsLeft = shape.faults;
    for (let i = 0; i < shape.queues; i++) {
      this.queues.push(new ModelQueue(parts.scripts));
      this.lastClaimant.push(null);
    }
    for (let i = 0; i < shape.nodes; i++) this.addNode();
  }

  addNode(): SimNode {
    const node = new SimNode(this, `n${String(this.nodes.length)}`);
    this.nodes.push(node);
    return node;
  }

  addSession(node: SimNode): Session {
    const session = new Session(this, node, this.sessions.length);
    this.sessions.push(session);
    node.sessions.set(session.connection, session);
    return session;
  }

  choose(limit: number): number {
    return limit <= 1 ? 0 : this.chooser.next(limit);
  }

  log(text: () => string): void {
    this.trace?.push(text());
  }

  get taskCount(): number {
    return this.tasks.length;
  }

  /** Something that `on` does some time. */
  later(on: SimNode, run: () => void): void {
    this.tasks.push({ on, from: on, run, born: this.now });
  }

  /** Something that Redis does some time because of `from`. */
  atRedis(from: SimNode, run: () => void): void {
    this.tasks.push({ on: null, from, run, born: this.now });
  }

  /** Something that `on` does in the next turn of its loop: only what had come by now may come before. */
  soon(on: SimNode, run: () => void): void {
    if (on.immediates.length === 0) this.later(on, () => this.runImmediates(on));
    on.immediates.push({ run, born: this.now });
  }

  private runImmediates(on: SimNode): void {
    for (const { run } of on.immediates.splice(0)) run();
  }

  /** Does the task at this place of those that wait. */
  runTask(at: number): void {
    const task = this.tasks[at]!;
    const last = this.tasks.pop()!;
    if (at < this.tasks.length) this.tasks[at] = last;
    const { on, run, born } = task;
    this.now++;
    if (on === null) return run();
    if (!on.isAlive) return;
    if (on.isStopped) on.held.push(run);
    else {
      const [next] = on.immediates;
      // Where it did not come before, it comes with what comes next; the task that is left for it then does nothing.
      if (next !== undefined && born > next.born) this.runImmediates(on);
      run();
    }
  }

  /** Until nothing is under way. */
  runAll(): void {
    while (this.tasks.length > 0) this.runTask(this.choose(this.tasks.length));
  }

  /** Whether something is under way for a node. */
  isBusy(node: SimNode): boolean {
    return node.held.length > 0 || this.tasks.some(({ on, from }) => on === node || from === node);
  }

  /** A command of a node and its reply; null when the node gives it up, whether it takes place or not. */
  command<T>(from: SimNode, execute: () => T, replied: (reply: T | null) => void): void {
    this.atRedis(from, () => {
      if (this.isFault()) this.failCommand(from, execute, replied);
      else {
        const reply = execute();
        this.later(from, () => replied(reply));
      }
    });
  }

  /** Whether the next thing that could go wrong does. */
  isFault(): boolean {
    if (this.faultsLeft === 0 || this.choose(FAULT_ODDS) > 0) return false;
    this.faultsLeft--;
    this.isFaulty = true;
    return true;
  }

  endFaults(): void {
    this.faultsLeft = 0;
  }

  private failCommand<T>(from: SimNode, execute: () => T, replied: (reply: T | null) => void): void {
    const how = this.choose(5);
    this.log(() => `  a command of ${from.name} ${['never takes place', 'loses its reply', 'takes place after it was given up', 'is tried twice', 'is tried again, then takes place late too'][how]!}`);
    if (how === 1 || how === 3) this.executeUnseen(execute);
    if (how === 2 || how === 4) this.atRedis(from, () => this.executeUnseen(execute));
    if (how >= 3) this.command(from, execute, replied);
    else this.later(from, () => replied(null));
  }

  /** What a claim does whose connection is told that it failed, or that was answered before: nobody is sure to have the queue. */
  private executeUnseen(execute: () => unknown): void {
    this.isUnseen = true;
    execute();
    this.isUnseen = false;
  }

  /** Redis executed a claim of this connection. */
  claimed(queue: number, { connection }: Session): void {
    this.lastClaimant[queue] = this.isUnseen ? UNSURE : connection;
    this.log(() => `Redis: q${String(queue)} is claimed: ${this.stateText(queue)}`);
  }

  stateText(queue: number): string {
    const { state } = this.queues[queue]!;
    if (state === null) return 'deleted';
    const { owner, messages, revision } = state;
    return `r${String(revision)} ${owner === null ? 'nobody' : `${owner.node}:c${String(owner.connection)}:${String(owner.epoch)}`} [${messages.join(' ')}]`;
  }

  /** Throws with what is wrong. */
  fail(what: string): never {
    throw new Violation(what);
  }
}
