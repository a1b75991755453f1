/** One of the two agents: its processes, which die and begin again from the store, its connections, and what it says and hears. */
import { Agent, type AgentEvent, type AgentStep, type QueueState, type Relays, type SubscribedQueue } from '@polyplex/agent';
import { utf8 } from '@polyplex/base';
import { RefusedError, type Requester, SmpClientError } from '@polyplex/client';
import type { ConnectionRequest } from '@polyplex/protocol-agent';
import type { ServerAddress } from '@polyplex/protocol-common';
import type { SmpReply } from '@polyplex/protocol-smp';
import { KeyUse } from './key-use.ts';
import { commitName } from './commit-name.ts';
import { emptyRecords, type Fate, type Put, SimStore } from './sim-store.ts';
import type { World } from './world.ts';

const STORE: SmpReply = { tag: 'ERR', error: { type: 'STORE', text: 'FAILED' } };

type Told = (recipientId: Uint8Array, message: SmpReply & { tag: 'MSG' }) => void;

export interface ActorWays {
  /** Else the standard procedure is lived. */
  readonly areSecurable: boolean;
  readonly postQuantum: boolean;
  /** Events are handled in the transactions that make them; else when they are told. */
  readonly hearsInStep: boolean;
  /** Values of records are copies both ways. */
  readonly copies: boolean;
}

export class Actor {
  readonly name: string;
  readonly ways: ActorWays;
  readonly #world: World;
  readonly #records = emptyRecords();
  readonly #keyUse = new KeyUse();
  #store!: SimStore;
  agent!: Agent;
  isAlive = false;
  /** What dies with the process, or with its connections. */
  #life = 0;
  #session = 0;
  #subscribed: SubscribedQueue[] = [];
  readonly #pending = new Set<(error: SmpClientError) => void>();
  #onMessage: Told = () => undefined;
  connectionId: string | null = null;
  #isJoining = false;
  /** By number: the same message may be told more than once until it is acknowledged. */
  readonly #heard = new Map<number, string>();
  /** What was said, and whether the agent has promised it. */
  readonly said: { readonly text: string; isPromised: boolean }[] = [];
  readonly complaints: string[] = [];

  constructor(name: string, world: World, ways: ActorWays) {
    this.name = name;
    this.ways = ways;
    this.#world = world;
    this.live();
  }

  /** A process begins with what is in the store. */
  live(): void {
    const life = ++this.#life;
    this.isAlive = true;
    this.#isJoining = false;
    this.#session++;
    this.#subscribed = [];
    this.#pending.clear();
    this.#store = new SimStore(this.#records, {
      copies: this.ways.copies,
      fateOf: (changes) => this.#fateOf(changes),
      isRunTwice: () => this.#world.isRunTwice(),
      onDeath: () => this.#died(),
    });
    this.agent = new Agent({
      store: this.#store,
      servers: this.#world.servers,
      clock: this.#world.clock,
      random: this.#world.chance,
      areQueuesSecurable: this.ways.areSecurable,
      openRelays: (onMessage) => this.#relays(onMessage, life),
      ...(this.ways.hearsInStep && { inStep: (event, step) => this.#hearInStep(event, step) }),
      onEvent: (event) => {
        if (life === this.#life) this.#hear(event, life);
      },
      onFailure: (error) => this.#world.unexpected(error),
    });
    this.agent.start();
  }

  #fateOf(changes: readonly Put[]): Fate {
    const fate = this.#world.fateOf(commitName(changes));
    if (fate !== 'dies before' && this.#keyUse.isReused(changes)) this.complaints.push('a key is used for two messages');
    return fate;
  }

  /** What is not in the store yet will never be. */
  die(): void {
    if (!this.isAlive) return;
    void this.#store.close();
    this.#died();
  }

  #died(): void {
    this.#life++;
    this.#session++;
    this.isAlive = false;
    this.agent.close();
    this.#world.later(() => this.live());
  }

  /** The connection is lost and comes back: what was under way has no answer, and what was not acknowledged comes again. */
  disconnect(): void {
    if (!this.isAlive) return;
    this.#session++;
    for (const fail of [...this.#pending]) fail(new SmpClientError('NETWORK', 'lost'));
    this.#subscribe(this.#subscribed);
  }

  #tell(life: number): Told {
    return (recipientId, reply) => {
      const session = this.#session;
      const told = (): void => {
        if (life === this.#life && session === this.#session) this.#onMessage(recipientId, reply);
      };
      this.#world.later(told);
      if (this.#world.isToldTwice()) this.#world.later(told);
    };
  }

  #relays(onMessage: Told, life: number): Relays {
    this.#onMessage = onMessage;
    return {
      requester: (server) => Promise.resolve(this.#requester(server, life)),
      subscribe: (queues) => {
        this.#subscribed.push(...queues);
        this.#subscribe(queues);
      },
      forget: () => undefined,
      close: () => undefined,
    };
  }

  #subscribe(queues: readonly SubscribedQueue[]): void {
    const life = this.#life;
    for (const { server, recipientId } of queues) {
      this.#world.later(() => {
        const relay = this.#world.relayAt(server);
        if (life === this.#life && !relay.isGone) relay.subscribe(recipientId, this.#tell(life));
      });
    }
  }

  #requester(server: ServerAddress, life: number): Requester {
    const world = this.#world;
    const relay = world.relayAt(server);
    return {
      version: 18,
      request: (command, { entityId = new Uint8Array(), key } = {}) => new Promise<SmpReply>((resolve, reject) => {
        const session = this.#session;
        const isOver = (): boolean => life !== this.#life || session !== this.#session;
        const fail = (error: SmpClientError): void => {
          this.#pending.delete(fail);
          reject(error);
        };
        this.#pending.add(fail);
        const lost = (): void => fail(new SmpClientError('TIMEOUT', 'lost'));
        const answered = (): SmpReply => world.isStoreFailing() ? STORE : relay.answer({ command, entityId, isAuthorized: key !== undefined, tell: this.#tell(life) });
        world.later(() => {
          if (relay.isGone) return void world.later(lost);
          if (world.isLate()) world.muchLater(() => void (relay.isGone || answered()));
          else if (!isOver() && !world.isLost('commands lost')) return void this.#answered(answered(), { isOver, lost, resolve: (reply) => {
            this.#pending.delete(fail);
            resolve(reply);
          } });
          world.later(lost);
        });
      }),
    };
  }

  #answered(reply: SmpReply, { isOver, lost, resolve }: { readonly isOver: () => boolean; readonly lost: () => void; readonly resolve: (reply: SmpReply) => void }): void {
    if (reply.tag === 'ERR' && reply.error.type === 'QUOTA') this.#world.coverage.count('queues full');
    this.#world.later(() => {
      if (isOver() || this.#world.isLost('answers lost')) lost();
      else resolve(this.#world.isStoreFailing() ? STORE : reply);
    });
  }

  /** The application's part of a step: what it hears it keeps in its own records. */
  #hearInStep(event: AgentEvent, step: AgentStep): void {
    if (event.type === 'confirmation') step.allow(event.offerId, utf8('info'));
    if (event.type === 'message') {
      step.records.put('heard', String(event.messageId).padStart(6, '0'), new TextDecoder().decode(event.body));
      step.acknowledge(event.connectionId, event.messageId, new Uint8Array());
    }
    if (event.type === 'receipt') step.acknowledge(event.connectionId, event.messageId);
  }

  #hear(event: AgentEvent, life: number): void {
    this.#judge(event);
    if (!this.ways.hearsInStep) this.#answer(event, life);
  }

  #answer(event: AgentEvent, life: number): void {
    const { agent } = this;
    const later = (work: () => Promise<unknown>): void => this.#world.later(() => {
      // What a process could not do because it died, or had done already, it is asked again.
      if (life === this.#life) this.#try(work());
    });
    if (event.type === 'confirmation') later(() => agent.allow(event.offerId, utf8('info')));
    if (event.type === 'message') {
      later(() => {
        // Not before: an application takes its time, and has it when it says so.
        this.#heard.set(event.messageId, new TextDecoder().decode(event.body));
        return agent.acknowledge(event.connectionId, event.messageId, new Uint8Array());
      });
    }
    if (event.type === 'receipt') later(() => agent.acknowledge(event.connectionId, event.messageId));
  }

  #judge(event: AgentEvent): void {
    const { hasUpheavals } = this.#world;
    // On two queues messages overtake each other; new keys take a number.
    if (event.type === 'message' && event.integrity.verdict !== 'ok' && !hasUpheavals) this.complaints.push(event.integrity.verdict);
    if (event.type === 'receipt' && !event.isGenuine) this.complaints.push('receipt');
    if (event.type === 'not-sent' || (event.type === 'sync' && !hasUpheavals)) this.complaints.push(event.type);
    // By keys that were renewed once more while it was under way.
    const isOvertaken = hasUpheavals && event.type === 'ignored' && (event.reason.endsWith('HEADER') || event.reason.endsWith('DUPLICATE'));
    if (event.type === 'ignored' && !isOvertaken) this.complaints.push(event.reason);
    if (event.type === 'switch' && event.state === 'done' && event.queue === 'receiving') this.#world.coverage.count('queues moved');
    if (event.type === 'sync' && event.state === 'agreed') this.#world.coverage.count('keys renewed');
  }

  #try(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      // A queue whose answer was lost is nobody's.
      if (!(error instanceof SmpClientError) && !(error instanceof RefusedError)) this.#world.unexpected(error);
    });
  }

  /** Joins, and once more where nothing came of it. */
  join(request: ConnectionRequest): void {
    if (!this.isAlive) return;
    this.connectionId = this.agent.connections().find(({ role }) => role === 'joined')?.connectionId ?? null;
    if (this.#isJoining || this.connectionId !== null) return;
    this.#isJoining = true;
    const life = this.#life;
    this.agent.join(request, { info: utf8(this.name), postQuantum: this.ways.postQuantum }).catch(() => {
      if (life === this.#life) this.#isJoining = false;
    });
  }

  /** Messages go both ways. */
  get isReady(): boolean {
    return this.isAlive && this.agent.connections().some(({ stage }) => stage === 'ready');
  }

  /** Where messages come to or go to. */
  serversIn(direction: QueueState['direction']): ServerAddress[] {
    const queues = this.connectionId === null ? [] : this.agent.queues(this.connectionId);
    return queues.filter((queue) => queue.direction === direction && queue.isActive).map(({ server }) => server);
  }

  /** Does something with the connection, where there is one. */
  act(what: (agent: Agent, connectionId: string) => Promise<unknown>): void {
    if (this.isAlive && this.connectionId !== null) this.#try(what(this.agent, this.connectionId));
  }

  /** Says the next thing. What the agent has not promised before it died may be heard or not. */
  say(): void {
    this.act(async (agent, connectionId) => {
      const word = { text: `${this.name} ${String(this.said.length).padStart(3, '0')}`, isPromised: false };
      this.said.push(word);
      await agent.send(connectionId, utf8(word.text));
      word.isPromised = true;
    });
  }

  /** Everything heard, by number. */
  get heard(): string[] {
    if (this.ways.hearsInStep) return this.agent.read((records) => records.list('heard', '').map(({ value }) => value as string));
    return [...this.#heard].sort(([x], [y]) => x - y).map(([, text]) => text);
  }

  /** At the end. */
  get tasksLeft(): string[] {
    return this.#store.read((records) => records.list('task', '')).map(({ value }) => (value as { task: { do: string } }).task.do);
  }
}
