/**
 * Two agents, their relays, and chance: what happens next is drawn from a seed, commands and answers are lost on the way, connections break, and
 * processes die between any two things that happen, and at any commit. Everything is in memory, and time is the clock's that stands still.
 */
import type { Begun } from '@polyplex/agent';
import type { ConnectionRequest } from '@polyplex/protocol-agent';
import type { ServerAddress } from '@polyplex/protocol-common';
import { HOUR, MINUTE } from '@polyplex/base';
import { createFakeClock } from '@polyplex/testing';
import { Actor } from './actor.ts';
import { type Chance, chanceOf } from './chance.ts';
import { type Counted, Coverage } from './coverage.ts';
import type { Fate } from './sim-store.ts';
import { SimRelay } from './sim-relay.ts';
import { NONE, type Troubles } from './troubles.ts';

const SERVERS: readonly ServerAddress[] = ['first', 'second', 'third', 'fourth'].map((name) => ({ hosts: [`${name}.example`], port: '', keyHash: new Uint8Array(32) }));
const MAX_STEPS = 10_000;

/** A process dies at this commit of a life, counted from the first: before it, or after it and before anything else. */
export interface Crash {
  readonly at: number;
  readonly fate: Exclude<Fate, 'kept'>;
}

export class World {
  readonly clock = createFakeClock();
  readonly chance: Chance;
  readonly coverage = new Coverage();
  readonly servers = SERVERS;
  readonly relays: readonly SimRelay[];
  readonly a: Actor;
  readonly b: Actor;
  readonly errors: unknown[] = [];
  readonly hasUpheavals: boolean;
  /** Everything that is decided by chance, folded: the same life has the same. */
  trace = 0;
  commits = 0;
  readonly #crash: Crash | null;
  #isEnding = false;
  readonly #promised: Troubles;
  #troubles: Troubles = NONE;
  #actions: (() => void)[] = [];
  #lateActions: (() => void)[] = [];

  constructor(seed: number, troubles: Troubles, crash: Crash | null = null) {
    this.chance = chanceOf(seed);
    this.#promised = troubles;
    this.#crash = crash;
    this.hasUpheavals = troubles.moves + troubles.renewals + troubles.additions > 0 || troubles.losesRelay;
    this.relays = SERVERS.map(() => new SimRelay(() => this.clock.now(), troubles.capacity));
    const postQuantum = (seed & 4) === 0;
    const copies = seed % 16 === 7;
    this.a = new Actor('a', this, { areSecurable: (seed & 1) === 0, postQuantum, hearsInStep: (seed & 8) === 0, copies });
    this.b = new Actor('b', this, { areSecurable: (seed & 2) === 0, postQuantum: postQuantum || (seed & 32) === 0, hearsInStep: (seed & 16) === 0, copies });
    this.coverage.count('lives');
    if (postQuantum) this.coverage.count('with post-quantum keys');
    if ((seed & 3) !== 0) this.coverage.count('by the standard procedure');
  }

  relayAt({ hosts }: ServerAddress): SimRelay {
    return this.relays[SERVERS.findIndex((server) => server.hosts[0] === hosts[0])]!;
  }

  later(action: () => void): void {
    this.#actions.push(action);
  }

  /** Not before all that can happen now. */
  muchLater(action: () => void): void {
    this.#lateActions.push(action);
  }

  #happens(how: Exclude<keyof Troubles, 'losesRelay' | 'capacity'>, what: Counted): boolean {
    const likelihood = this.#troubles[how];
    if (likelihood === 0 || this.chance() >= likelihood) return false;
    this.coverage.count(what);
    return true;
  }

  isLost(what: 'commands lost' | 'answers lost'): boolean {
    return this.#happens('loss', what);
  }

  isLate(): boolean {
    return this.#happens('late', 'commands that come late');
  }

  isStoreFailing(): boolean {
    return this.#happens('failures', 'stores that failed');
  }

  isToldTwice(): boolean {
    return this.#happens('twice', 'messages told twice');
  }

  isRunTwice(): boolean {
    return this.#happens('crashes', 'commits run twice');
  }

  fateOf(commit: string): Fate {
    const fate = this.#fate();
    this.coverage.count('commits');
    if (commit.includes('former') && !commit.includes('taken')) this.coverage.count('read by former keys');
    if (fate === 'kept') return fate;
    this.coverage.count(fate === 'dies before' ? 'deaths before a commit' : 'deaths after a commit');
    this.coverage.died(commit, fate === 'dies before' ? 0 : 1);
    return fate;
  }

  #fate(): Fate {
    if (this.#crash?.at === this.commits++ && !this.#isEnding) return this.#crash.fate;
    if (this.#troubles.crashes === 0 || this.chance() >= this.#troubles.crashes) return 'kept';
    return this.chance() < 0.5 ? 'dies before' : 'dies after';
  }

  unexpected(error: unknown): void {
    // What was answered before the process died is unknown now; nobody speaks before there is somebody.
    const code = (error as { code?: string }).code;
    if (code !== 'UNKNOWN' && code !== 'PROHIBITED' && code !== 'UNAVAILABLE') this.errors.push(error);
  }

  /** Something of what could happen now happens; false: nothing could. */
  async step(): Promise<boolean> {
    this.coverage.count('steps');
    const at = Math.floor(this.chance() * this.#actions.length);
    this.trace = (Math.imul(this.trace, 31) + at + this.#actions.length) | 0;
    const [action] = this.#actions.splice(at, 1);
    action?.();
    this.#befall();
    if (this.#lateActions.length > 0 && this.chance() < 0.05) this.#lateActions.shift()!();
    await new Promise(setImmediate);
    return action !== undefined;
  }

  #befall(): void {
    if (this.#happens('breaks', 'connections broken')) this.#anyone().disconnect();
    if (this.#happens('restarts', 'relays restarted')) this.#restart();
    if (this.#happens('deaths', 'deaths between')) this.#anyone().die();
    if (this.#troubles.moves > 0 && this.chance() < this.#troubles.moves) this.#anyone().act((agent, id) => agent.switchQueue(id));
    if (this.#troubles.renewals > 0 && this.chance() < this.#troubles.renewals) this.#anyone().act((agent, id) => agent.renewKeys(id, { force: true }));
    if (this.#troubles.additions > 0 && this.chance() < this.#troubles.additions) this.#anyone().act((agent, id) => agent.addQueue(id));
  }

  #restart(): void {
    for (const relay of this.relays) relay.restart();
    for (const actor of [this.a, this.b]) actor.disconnect();
  }

  #anyone(): Actor {
    return this.chance() < 0.5 ? this.a : this.b;
  }

  /** Goes on until nothing is left to happen, time included. */
  async settle(): Promise<void> {
    for (let idle = 0, steps = 0; idle < 3; steps++) {
      if (steps > MAX_STEPS) throw new Error('a life that never comes to rest');
      if (await this.step()) idle = 0;
      else {
        for (const action of this.#lateActions.splice(0)) action();
        this.clock.advance(this.relays.some(({ isGone }) => isGone) ? 6 * HOUR : 10 * MINUTE);
        await new Promise(setImmediate);
        if (this.#actions.length === 0) idle++;
      }
    }
  }

  /** They meet, talk through all their troubles, and come to rest. Then each still hears the other. */
  async live(words: number): Promise<void> {
    const request = await this.#invited();
    this.#troubles = { ...this.#promised, moves: 0, renewals: 0, additions: 0 };
    await this.#meet(request);
    this.#troubles = this.#promised;
    await this.#talk(words);
    if (this.#promised.losesRelay) await this.#loseRelay(words);
    this.#troubles = NONE;
    await this.settle();
    this.#isEnding = true;
    for (const actor of [this.a, this.b]) actor.say();
    await this.settle();
    this.coverage.count('words heard', this.a.heard.length + this.b.heard.length);
    this.coverage.count('queues added', this.a.serversIn('receiving').length + this.b.serversIn('receiving').length - 2);
    for (const actor of [this.a, this.b]) actor.agent.close();
  }

  /** Both have a second queue; then one of the relays is no more, and they talk on. */
  async #loseRelay(words: number): Promise<void> {
    this.#troubles = NONE;
    await this.settle();
    for (const actor of [this.a, this.b]) {
      for (let tries = 0; actor.serversIn('receiving').length < 2; tries++) {
        if (tries > 5) throw new Error('a queue that is never added');
        actor.act((agent, id) => agent.addQueue(id));
        await this.settle();
      }
    }
    const gone = this.#anyone().serversIn('receiving')[0]!;
    this.relayAt(gone).isGone = true;
    this.coverage.count('relays gone for good');
    this.#troubles = this.#promised;
    await this.#talk(words);
  }

  /** Once more, where the process has died before it could tell. */
  async #invited(): Promise<ConnectionRequest> {
    let begun: Begun | null = null;
    while (begun === null) {
      this.a.agent.createInvitation({ postQuantum: this.a.ways.postQuantum }).then((made) => (begun = made), (error: unknown) => this.unexpected(error));
      await this.settle();
    }
    const { connectionId, request }: Begun = begun;
    this.a.connectionId = connectionId;
    return request;
  }

  async #meet(request: ConnectionRequest): Promise<void> {
    for (let steps = 0; !this.a.isReady || !this.b.isReady; steps++) {
      if (steps > MAX_STEPS) throw new Error('a life that never begins');
      this.b.join(request);
      if (this.chance() < 0.02) this.#anyone().say();
      if (!(await this.step())) this.clock.advance(3_000);
    }
  }

  async #talk(words: number): Promise<void> {
    for (let i = 0; i < words * 8; i++) {
      if (this.chance() < 0.125) this.#anyone().say();
      await this.step();
      if (this.chance() < 0.02) this.clock.advance(3_000);
    }
  }
}
