/** An agent whose events are kept, for tests that wait for them. */
import { Agent, type AgentEvent, type AgentOptions, openSmpRelays, type QueueServer } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import { parseAddress } from '@polyplex/protocol-common';
import { MemoryRecordStore } from '@polyplex/testing';

const WAIT_MS = 20_000;

export class TestAgent {
  store: MemoryRecordStore;
  readonly events: AgentEvent[] = [];
  readonly #servers: readonly QueueServer[];
  readonly #options: Partial<AgentOptions>;
  #waiters: (() => void)[] = [];
  agent: Agent;

  constructor(servers: readonly string[], options: Partial<AgentOptions> = {}) {
    this.store = new MemoryRecordStore();
    this.#servers = servers.map((text) => parseAddress(text)!);
    this.#options = options;
    this.agent = this.#open();
  }

  #open(): Agent {
    const agent = new Agent({
      store: this.store,
      servers: this.#servers,
      openRelays: (onMessage) => openSmpRelays({}, onMessage),
      onEvent: (event) => {
        this.events.push(event);
        for (const wake of this.#waiters.splice(0)) wake();
      },
      ...this.#options,
    });
    agent.start();
    return agent;
  }

  /** As after the end of its process. */
  restart(): void {
    this.agent.close();
    this.agent = this.#open();
  }

  /** As with an old copy of its store. */
  restore(records: ReadonlyMap<string, unknown>): void {
    this.agent.close();
    this.store = new MemoryRecordStore(records);
    this.events.splice(0);
    this.agent = this.#open();
  }

  /** The first event of this type, now or later, which is taken away. */
  async next<T extends AgentEvent['type']>(type: T): Promise<Extract<AgentEvent, { type: T }>> {
    const deadline = AbortSignal.timeout(WAIT_MS);
    for (;;) {
      const at = this.events.findIndex((event) => event.type === type);
      if (at >= 0) return this.events.splice(at, 1)[0] as Extract<AgentEvent, { type: T }>;
      await new Promise<void>((resolve, reject) => {
        this.#waiters.push(resolve);
        deadline.addEventListener('abort', () => reject(new Error(`no ${type}; there are: ${JSON.stringify(this.events.map((event) => [event.type, (event as { reason?: string }).reason]))}`)), { once: true });
      });
    }
  }

  /** The next message as text, acknowledged. */
  async read(receipt?: Uint8Array): Promise<{ readonly text: string; readonly verdict: string }> {
    const { connectionId, messageId, body, integrity } = await this.next('message');
    await this.agent.acknowledge(connectionId, messageId, receipt);
    return { text: new TextDecoder().decode(body), verdict: integrity.verdict };
  }

  say(connectionId: string, text: string): Promise<number> {
    return this.agent.send(connectionId, utf8(text));
  }
}

/** Two that have met by an invitation: the connection's name on each side. */
export async function introduced(a: TestAgent, b: TestAgent, postQuantum = true): Promise<{ readonly atA: string; readonly atB: string }> {
  const { connectionId: atA, request } = await a.agent.createInvitation({ postQuantum });
  const atB = await b.agent.join(request, { info: utf8('this is b'), postQuantum });
  const { offerId } = await a.next('confirmation');
  await a.agent.allow(offerId, utf8('this is a'));
  await Promise.all([a.next('connected'), b.next('info'), b.next('connected')]);
  return { atA, atB };
}
