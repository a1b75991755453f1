/** An agent on a relay in memory whose store fails over and over, before or after a change is kept; each time it goes on from what was kept. */
import { Agent, type EventHandler, type Relays } from '@polyplex/agent';
import type { Clock } from '@polyplex/base';
import { MemoryRecordStore } from '@polyplex/testing';
import type { SimRelay } from '../simulation/sim-relay.ts';
import { MortalStore, type Mortality } from './mortal-store.ts';

export interface MortalOptions {
  readonly relay: SimRelay;
  readonly clock: Clock;
  readonly mortality: Mortality | null;
  readonly inStep: EventHandler;
}

export class MortalAgent {
  agent!: Agent;
  lives = 0;
  readonly #records = new MemoryRecordStore();
  readonly #options: MortalOptions;

  constructor(options: MortalOptions) {
    this.#options = options;
    this.#live();
  }

  #live(): void {
    const { clock, mortality, inStep } = this.#options;
    const life = ++this.lives;
    const agent = new Agent({
      store: new MortalStore(this.#records, mortality),
      servers: [{ hosts: ['relay.example'], port: '', keyHash: new Uint8Array(32) }],
      openRelays: (onMessage) => this.#relays(life, onMessage),
      clock, inStep,
      onFailure: () => this.#live(),
    });
    this.agent = agent;
    agent.start();
  }

  /** A change of the application's own is what the process dies of, too. */
  async attempt(work: (agent: Agent) => Promise<unknown>): Promise<void> {
    const life = this.lives;
    try {
      await work(this.agent);
    } catch {
      if (life !== this.lives) return;
      this.agent.close();
      this.#live();
    }
  }

  #relays(life: number, onMessage: Parameters<ConstructorParameters<typeof Agent>[0]['openRelays']>[0]): Relays {
    const { relay } = this.#options;
    const tell: typeof onMessage = (recipientId, reply) => void setImmediate(() => {
      if (life === this.lives) onMessage(recipientId, reply);
    });
    return {
      requester: () => Promise.resolve({
        version: 18,
        request: (command, { entityId = new Uint8Array(), key } = {}) => Promise.resolve(relay.answer({ command, entityId, isAuthorized: key !== undefined, tell })),
      }),
      subscribe: (queues) => queues.forEach(({ recipientId }) => relay.subscribe(recipientId, tell)),
      forget: () => undefined,
      close: () => undefined,
    };
  }
}
