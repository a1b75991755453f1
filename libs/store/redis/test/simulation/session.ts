/**
 * A connection of a node, from the node's side (what `Delivery` and the handlers of SUB and ACK do with it) and from its
 * client's (what it was told last). Written down again from libs/server/smp with callbacks for promises.
 */
import type { ClaimAnswer, Given, Granted, SimNode } from './node.ts';
import type { Who } from './model-queue.ts';
import type { World } from './world.ts';

interface Subscription {
  /** The message that waits for its ACK; 0 for none. */
  delivered: number;
  answered: boolean;
  /** The store has made the claim: an end that is heard from now on is that of this subscription. */
  claimed: boolean;
}

interface Command {
  readonly queues: readonly number[];
  readonly task: (end: () => void) => void;
  isRunning: boolean;
}

export interface Wanted {
  readonly queue: number;
  readonly revision: number;
}

interface Pending extends Wanted {
  readonly before: Subscription | null;
  readonly subscription: Subscription;
}

type Head = Given | 'none' | null;

/** How often a client whose key still fits has a stale SUB repeated. */
const REPEATS = 2;

export class Session implements Who {
  readonly node: string;
  readonly connection: number;
  readonly home: SimNode;
  isOpen = true;
  readonly subscriptions: (Subscription | null)[] = [];
  private readonly commands: Command[] = [];
  private readonly wakes = new Set<number>();
  private isFetching = false;
  private isStalled = false;
  /** Whether the client thinks that it is subscribed: SOK and END in the order in which they were sent. */
  readonly believes: boolean[] = [];
  private readonly world: World;

  constructor(world: World, home: SimNode, connection: number) {
    this.world = world;
    this.home = home;
    this.node = home.name;
    this.connection = connection;
  }

  /** Commands that came before it was closed go on, and may make it a subscriber again for a while. */
  get isAtWork(): boolean {
    return this.commands.length > 0;
  }

  subscription(queue: number): Subscription | null {
    return this.subscriptions[queue] ?? null;
  }

  /** Commands on one queue one after another; `task` calls `end`. */
  private inOrder(queues: readonly number[], task: (end: () => void) => void): void {
    this.commands.push({ queues, task, isRunning: false });
    this.startCommands();
  }

  private startCommands(): void {
    const taken = new Set<number>();
    for (const command of [...this.commands]) {
      const isFree = !command.isRunning && command.queues.every((queue) => !taken.has(queue));
      for (const queue of command.queues) taken.add(queue);
      if (!isFree) continue;
      command.isRunning = true;
      command.task(() => {
        this.commands.splice(this.commands.indexOf(command), 1);
        // It may have subscribed after it was released.
        if (!this.isOpen) this.home.claims.release(this.connection);
        this.startCommands();
      });
    }
  }

  /** A block of SUBs. */
  subscribe(wanted: readonly Wanted[]): void {
    this.inOrder(wanted.map(({ queue }) => queue), (end) => this.claim(wanted, REPEATS, end));
  }

  private claim(wanted: readonly Wanted[], repeats: number, end: () => void): void {
    const pending = wanted.map(({ queue, revision }): Pending => {
      const subscription = { delivered: 0, answered: false, claimed: false };
      const before = this.subscription(queue);
      this.subscriptions[queue] = subscription;
      return { queue, revision, before, subscription };
    });
    this.world.log(() => `${this.node}: c${String(this.connection)} SUB ${wanted.map(({ queue, revision }) => `q${String(queue)} r${String(revision)}`).join(', ')}`);
    const { claims } = this.home;
    claims.called(this.connection);
    const answers: ClaimAnswer[] = [];
    let left = pending.length;
    pending.forEach(({ queue, revision }, i) => this.home.claim(queue, revision, this, (answer) => {
      answers[i] = answer;
      if (--left > 0) return;
      claims.returned(this.connection);
      this.settle(pending, answers, { repeats, end });
    }));
  }

  /** Those whose queue has changed are tried again, if their key still fits. */
  private settle(pending: readonly Pending[], answers: readonly ClaimAnswer[], { repeats, end }: { repeats: number; end: () => void }): void {
    const again = pending.filter((one, n) => this.settleOne(one, answers[n]!));
    if (again.length === 0 || repeats === 0 || !this.isOpen || this.world.choose(2) === 0) return end();
    const revisions = new Map(pending.map(({ queue }, n) => [queue, (answers[n] as { revision?: number } | null)?.revision ?? 0]));
    this.claim(again.map(({ queue }) => ({ queue, revision: revisions.get(queue)! })), repeats - 1, end);
  }

  /** Whether to try again. */
  private settleOne(pending: Pending, answer: ClaimAnswer): boolean {
    const { queue, subscription } = pending;
    if (answer?.status !== 'ok') {
      this.putBack(pending);
      return answer !== null && answer.revision !== 0;
    }
    if (!this.isOpen) return false;
    subscription.claimed = true;
    const isLost = this.world.parts.serverAsks && !this.home.stillHas(queue, this);
    if (isLost) this.drop(queue, subscription);
    this.believes[queue] = true;
    this.world.soon(this.home, () => {
      if (isLost) this.endSaid(queue);
      else this.answered(queue, subscription, answer);
    });
    return false;
  }

  /** The answer is on its way, and what waits for it goes on. */
  private answered(queue: number, subscription: Subscription, { head, pending }: Granted): void {
    if (!this.isOpen) return;
    subscription.answered = true;
    const present = this.subscription(queue);
    if (present !== subscription) {
      if (present === null && !this.world.parts.serverAsks) this.endSaid(queue);
    } else if (head !== 0) this.push(queue, { id: head, toOwner: true });
    else if (pending) this.lookLater(queue);
    this.fetch();
  }

  /** As before a claim that was not made. */
  private putBack({ queue, before }: Pending): void {
    this.subscriptions[queue] = before;
    // What came with the answer to the SUB before may have found this one in its way.
    if (before !== null && this.world.parts.serverAsks) this.lookLater(queue);
    else this.fetch();
  }

  push(queue: number, given: Given): void {
    const subscription = this.subscription(queue);
    if (!this.isOpen || subscription === null) return;
    if (subscription.answered && !this.wakes.has(queue)) this.deliver(queue, subscription, given);
    else this.lookLater(queue);
  }

  private deliver(queue: number, subscription: Subscription, given: Given): void {
    if (subscription.delivered !== 0) return;
    subscription.delivered = Math.abs(given.id);
    this.hand(queue, given);
  }

  private hand(queue: number, { id, toOwner }: Given): void {
    const { world, connection } = this;
    if (!this.isOpen) return;
    world.log(() => `${this.node}: c${String(connection)} gets ${String(id)} of q${String(queue)}`);
    if (!toOwner) world.fail(`c${String(connection)} got ${String(id)} of q${String(queue)}, which another owned when Redis gave it`);
  }

  private lookLater(queue: number): void {
    this.wakes.add(queue);
    this.fetch();
  }

  wake(queue: number): void {
    if ((this.subscription(queue)?.delivered ?? 0) === 0) this.lookLater(queue);
  }

  private fetch(): void {
    if (this.isFetching || !this.isOpen) return;
    const queues = [...this.wakes].filter((queue) => this.subscription(queue)?.answered !== false);
    if (queues.length === 0) return;
    this.isFetching = true;
    for (const queue of queues) this.wakes.delete(queue);
    const heads: Head[] = [];
    let left = queues.length;
    queues.forEach((queue, i) => this.home.head(queue, this, (head) => {
      heads[i] = head;
      if (--left === 0) this.fetched(queues, heads);
    }));
  }

  private fetched(queues: readonly number[], heads: readonly Head[]): void {
    for (const [i, queue] of queues.entries()) {
      const head = heads[i]!;
      if (head === null) this.wakes.add(queue);
      else this.deliverHead(queue, head);
    }
    this.isFetching = false;
    if (heads.includes(null)) this.stall();
    else this.fetch();
  }

  private deliverHead(queue: number, head: Given | 'none'): void {
    const subscription = this.subscription(queue);
    if (head !== 'none' && head.id !== 0 && subscription !== null) this.deliver(queue, subscription, head);
  }

  /** Tried again after a while. */
  private stall(): void {
    if (this.isStalled) return;
    this.isStalled = true;
    this.world.later(this.home, () => {
      this.isStalled = false;
      this.fetch();
    });
  }

  acknowledge(queue: number, revision: number): void {
    this.inOrder([queue], (end) => this.removeDelivered(queue, revision, end));
  }

  private removeDelivered(queue: number, revision: number, end: () => void): void {
    const subscription = this.subscription(queue);
    if (subscription === null || subscription.delivered === 0) return end();
    const id = subscription.delivered;
    this.world.log(() => `${this.node}: c${String(this.connection)} ACK ${String(id)} of q${String(queue)}`);
    subscription.delivered = 0;
    this.home.acknowledge(queue, revision, id, [this, (next) => {
      if (next === null || 'status' in next) {
        if (subscription.delivered === 0) subscription.delivered = id;
        if (next !== null && next.revision !== 0 && this.isOpen) return this.removeDelivered(queue, next.revision, end);
      } else if (next.id !== 0 && subscription.delivered === 0) {
        subscription.delivered = Math.abs(next.id);
        this.hand(queue, next);
      }
      end();
    }]);
  }

  /** END or DELD. */
  ended(queue: number): void {
    const subscription = this.subscription(queue);
    const isOfBefore = this.world.parts.serverAsks && subscription?.claimed === false;
    if (!isOfBefore) this.drop(queue, subscription);
    this.endSaid(queue);
  }

  private drop(queue: number, subscription: Subscription | null): void {
    if (this.subscription(queue) !== subscription) return;
    this.subscriptions[queue] = null;
    this.wakes.delete(queue);
  }

  private endSaid(queue: number): void {
    this.believes[queue] = false;
    if (this.world.lastClaimant[queue] !== this.connection) return;
    // While a SUB is under way it may be the claim's of that one, whose SOK will be the last word.
    const isClaiming = this.commands.some(({ queues, isRunning }) => isRunning && queues.includes(queue));
    if (!isClaiming) this.world.fail(`c${String(this.connection)} hears that its subscription of q${String(queue)} ended, but nobody else claimed since`);
  }

  /** The client goes away. */
  release(): void {
    this.world.log(() => `${this.node}: c${String(this.connection)} is released`);
    this.isOpen = false;
    this.home.claims.release(this.connection);
  }
}
