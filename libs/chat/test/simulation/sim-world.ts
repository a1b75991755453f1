/** Chat clients, a relay, and chance: what happens next is drawn from a seed; answers are lost, connections break, processes die at any commit. */
import { MINUTE } from '@polyplex/base';
import { createFakeClock } from '@polyplex/testing';
import { ChatRelay } from './chat-relay.ts';
import type { Fate } from './mortal-store.ts';
import { SimClient, type Surroundings } from './sim-client.ts';

const MAX_STEPS = 200_000;

export interface Troubles {
  /** How often a command or its answer is lost. */
  readonly loss: number;
  /** How often, a step, a connection breaks. */
  readonly breaks: number;
  /** How often a commit is a process's last, or would have been its next. */
  readonly deaths: number;
}

const NONE: Troubles = { loss: 0, breaks: 0, deaths: 0 };

/** xorshift: the same seed is the same world. */
function chanceOf(seed: number): () => number {
  let state = Math.imul(seed + 1, 2_654_435_761);
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export class SimWorld implements Surroundings {
  readonly clock = createFakeClock();
  readonly chance: () => number;
  readonly relay = new ChatRelay(() => this.clock.now());
  readonly clients: SimClient[] = [];
  readonly faults: string[] = [];
  troubles = NONE;
  #actions: (() => void)[] = [];

  constructor(seed: number) {
    this.chance = chanceOf(seed);
  }

  client(name: string): SimClient {
    const made = new SimClient(name, this);
    this.clients.push(made);
    return made;
  }

  /** At some time, or never where a process dies before. */
  later(action: () => void): void {
    this.#actions.push(action);
  }

  /** Before anything else. */
  soon(action: () => void): void {
    queueMicrotask(action);
  }

  fault(text: string): void {
    this.faults.push(text);
  }

  isLost(): boolean {
    return this.troubles.loss > 0 && this.chance() < this.troubles.loss;
  }

  fate(): Fate {
    if (this.troubles.deaths === 0 || this.chance() >= this.troubles.deaths) return 'lives';
    return this.chance() < 0.5 ? 'dies before' : 'dies after';
  }

  anyone(): SimClient {
    return this.clients[Math.floor(this.chance() * this.clients.length)]!;
  }

  async step(): Promise<boolean> {
    const [action] = this.#actions.splice(Math.floor(this.chance() * this.#actions.length), 1);
    action?.();
    if (this.troubles.breaks > 0 && this.chance() < this.troubles.breaks) this.anyone().disconnect();
    await new Promise(setImmediate);
    return action !== undefined;
  }

  /** Until it is so; what waits for time gets it. */
  async until(is: () => boolean): Promise<void> {
    for (let steps = 0; !is(); steps++) {
      if (steps > MAX_STEPS) throw new Error('it never is so');
      if (!(await this.step())) this.clock.advance(MINUTE);
    }
  }

  /** Until nothing is left to happen, time included. */
  async settle(): Promise<void> {
    this.troubles = NONE;
    for (let idle = 0; idle < 4;) {
      if (await this.step()) idle = 0;
      else {
        this.clock.advance(10 * MINUTE);
        await new Promise(setImmediate);
        if (this.#actions.length === 0) idle++;
      }
    }
  }

  /** Done once, however often the process dies before it is known to be. */
  async surely(work: () => Promise<unknown>, isDone: () => boolean): Promise<void> {
    let isUnderWay = false;
    let life = -1;
    const deaths = (): number => this.clients.reduce((sum, client) => sum + client.deaths, 0);
    await this.until(() => {
      if (isDone()) return true;
      if (!isUnderWay || life !== deaths()) {
        isUnderWay = true;
        life = deaths();
        work().catch(() => undefined).finally(() => (isUnderWay = false));
      }
      return false;
    });
  }

  end(): void {
    for (const { chat } of this.clients) chat.close();
  }
}
