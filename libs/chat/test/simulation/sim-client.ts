/** A chat client that dies and lives on from its store. What its application hears is counted in the same transaction, so that nothing is counted twice or lost. */
import type { Relays, SubscribedQueue } from '@polyplex/agent';
import type { Clock } from '@polyplex/base';
import { type Requester, SmpClientError } from '@polyplex/client';
import { Chat, type ChatEvent, type ChatStep } from '@polyplex/chat';
import type { SmpReply } from '@polyplex/protocol-smp';
import type { ChatRelay, Tell } from './chat-relay.ts';
import { type Fate, MortalStore } from './mortal-store.ts';

const SERVER = { hosts: ['relay.example'], port: '', keyHash: new Uint8Array(32) };

/** The world as a client sees it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly relay: ChatRelay;
  readonly chance: () => number;
  /** At some time, or never where a process dies before. */
  later(action: () => void): void;
  /** Before anything else. */
  soon(action: () => void): void;
  isLost(): boolean;
  fate(): Fate;
  fault(text: string): void;
}

export class SimClient {
  readonly name: string;
  readonly #world: Surroundings;
  store!: MortalStore;
  chat!: Chat;
  /** What dies with the process, or with its connections. */
  #life = 0;
  #session = 0;
  #subscribed: SubscribedQueue[] = [];
  readonly #pending = new Set<(error: SmpClientError) => void>();
  deaths = 0;

  constructor(name: string, world: Surroundings) {
    this.name = name;
    this.#world = world;
    this.#live(new Map());
  }

  #live(records: ReadonlyMap<string, unknown>): void {
    const life = ++this.#life;
    this.#session++;
    this.#subscribed = [];
    this.#pending.clear();
    this.store = new MortalStore(records, { fate: () => this.#world.fate(), onDeath: () => this.#world.soon(() => (life === this.#life ? this.die() : undefined)) });
    this.chat = new Chat({
      store: this.store, servers: [SERVER], clock: this.#world.clock, random: this.#world.chance,
      openRelays: (onMessage) => this.#relays(onMessage, life),
      profile: { displayName: this.name, fullName: '' },
      log: { debug: () => undefined, info: () => undefined, warn: (text) => this.#world.fault(text), error: (text, fields) => this.#world.fault(`${text} ${JSON.stringify(fields)}`) },
      onFailure: (error) => (life === this.#life ? this.#world.fault(error instanceof Error ? error.stack! : 'failed') : undefined),
      application: { onEvent: (event, step) => this.#hear(event, step) },
    });
    this.chat.start();
  }

  /** What is not in the store yet will never be. */
  die(): void {
    this.deaths++;
    this.chat.close();
    void this.store.close();
    this.#live(this.store.records);
  }

  /** What was under way has no answer, and what was not acknowledged comes again. */
  disconnect(): void {
    this.#session++;
    for (const fail of [...this.#pending]) fail(new SmpClientError('NETWORK', 'lost'));
    this.#subscribe(this.#subscribed);
  }

  #hear(event: ChatEvent, step: ChatStep): void {
    if (event.type === 'group-invitation') step.acceptInvitation(event.group.groupId);
    if (event.type !== 'group-message') return;
    const text = event.message.container.content.text;
    step.records.put('heard', text, Number(step.records.get('heard', text) ?? 0) + 1);
    step.records.put('order', String(step.records.list('order', '').length).padStart(6, '0'), text);
  }

  /** How often each was heard. */
  heard(): ReadonlyMap<string, number> {
    return new Map(this.store.read((records) => records.list('app:app:heard', '')).map(({ key, value }) => [key, value as number]));
  }

  /** In their order. */
  order(): readonly string[] {
    return this.store.read((records) => records.list('app:app:order', '')).map(({ value }) => value as string);
  }

  #tell(life: number): Tell {
    return (recipientId, message) => {
      const session = this.#session;
      this.#world.later(() => {
        if (life === this.#life && session === this.#session) this.#onMessage(recipientId, message);
      });
    };
  }

  #onMessage: Tell = () => undefined;

  #relays(onMessage: Tell, life: number): Relays {
    this.#onMessage = onMessage;
    return {
      requester: () => Promise.resolve(this.#requester(life)),
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
    for (const { recipientId } of queues) {
      this.#world.later(() => {
        if (life === this.#life) this.#world.relay.subscribe(recipientId, this.#tell(life));
      });
    }
  }

  #requester(life: number): Requester {
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
        this.#world.later(() => {
          if (isOver() || this.#world.isLost()) return this.#world.later(lost);
          const reply = this.#world.relay.answer(command, entityId, { isAuthorized: key !== undefined, tell: this.#tell(life) });
          this.#world.later(() => {
            if (isOver() || this.#world.isLost()) return lost();
            this.#pending.delete(fail);
            resolve(reply);
          });
        });
      }),
    };
  }
}
