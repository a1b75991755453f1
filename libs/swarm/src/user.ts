/** One user: a connection to the relay, the queues that it receives through, and those that it sends to. */
import { type IdKey, idKey } from '@polyplex/base';
import {
  acknowledge, connectSmp, createQueue, type NotifierKeys, openMessage, type RecipientQueue, type SenderKeys, type SmpClient, subscribeAll, tlsDial,
} from '@polyplex/client';
import type { AddressText } from '@polyplex/protocol-common';
import type { ReplyOf, SmpReply } from '@polyplex/protocol-smp';
import type { Deliveries } from './deliveries.ts';
import { SwarmError, timed, usage } from './failure.ts';

export interface UserContext {
  readonly address: AddressText;
  readonly deliveries: Deliveries;
  readonly timeoutMs: number;
  /** A failure that no operation waits for, such as an acknowledgement without an answer. */
  readonly failed: (error: SwarmError) => void;
}

const FIRST_WAIT_MS = 500;
const MOST_WAIT_MS = 10_000;

/** As apps have them. */
export const KEY_KIND = 'x25519';

export interface Inbound {
  readonly queue: RecipientQueue;
  notifier: NotifierKeys | null;
}

export class User {
  readonly name: string;
  private readonly context: UserContext;
  private session: SmpClient | null = null;
  private last: Promise<unknown> = Promise.resolve();
  /** It has never connected, or has gone of its own will. */
  private isAway = true;
  private attempts = 0;
  private readonly inbound = new Map<IdKey, Inbound>();
  /** By the name of the contact. */
  readonly contacts = new Map<string, SenderKeys>();
  contactAddress: RecipientQueue | null = null;
  /** Messages since the last call of `resubscribe`. */
  received = 0;

  constructor(name: string, context: UserContext) {
    this.name = name;
    this.context = context;
  }

  get online(): boolean {
    return this.session !== null;
  }

  get queues(): Iterable<Inbound> {
    return this.inbound.values();
  }

  get queueCount(): number {
    return this.inbound.size;
  }

  /** The open session. Throws USAGE for who is away, NETWORK for who has lost it. */
  get client(): SmpClient {
    if (this.session !== null) return this.session;
    throw this.isAway ? usage(`${this.name} is not connected`) : new SwarmError('NETWORK', 'connection', 'the connection was lost');
  }

  /** Coming and going, one after the other: a phone has one connection. */
  turn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.last.then(task);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Milliseconds; 0 when it is connected already. */
  async connect(): Promise<number> {
    if (this.session !== null) return 0;
    const { address, timeoutMs } = this.context;
    const { ms, result } = await timed('connect', () => connectSmp({
      address, dial: tlsDial({ allowAddress: () => true }), connectTimeoutMs: timeoutMs, requestTimeoutMs: timeoutMs,
      onEvent: (entityId, reply) => this.event(entityId, reply),
    }));
    this.session = result;
    this.isAway = false;
    void result.closed.then(() => this.lost(result) && this.comeBack());
    return ms;
  }

  disconnect(): void {
    const { session } = this;
    this.isAway = true;
    if (session === null) return;
    this.lost(session);
    session.close();
  }

  /** False for a session that was given up before. */
  private lost(session: SmpClient): boolean {
    if (this.session !== session) return false;
    this.session = null;
    this.context.deliveries.gone(this.name);
    return true;
  }

  /** As apps do that lose their connection: again and again, after waits that grow, with all queues. */
  private comeBack(): void {
    const wait = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.attempts++);
    setTimeout(() => {
      void this.turn(async () => {
        if (this.isAway || this.session !== null) return;
        await this.connect();
        await this.subscribeQueues();
        this.attempts = 0;
      }).catch((error: unknown) => {
        if (error instanceof SwarmError) this.context.failed(error);
        if (this.session === null && !this.isAway) this.comeBack();
      });
    }, wait * (0.5 + Math.random())).unref();
  }

  /** A new queue of this user, subscribed. Rejects with `SwarmError`. */
  async newQueue(mode: 'M' | 'C'): Promise<{ readonly ms: number; readonly queue: RecipientQueue }> {
    const { ms, result: queue } = await timed('create', () => createQueue(this.client, { password: this.context.address.password, mode, keyKind: KEY_KIND }));
    this.inbound.set(idKey(queue.recipientId), { queue, notifier: null });
    return { ms, queue };
  }

  /** Subscribes all queues; rejects where any is refused. */
  async subscribeQueues(): Promise<number> {
    const subscriptions = [...this.inbound.values()].map(({ queue }) => ({ kind: 'SUB' as const, entityId: queue.recipientId, key: queue.key }));
    const { ms } = await timed('subscribe', async () => {
      for (const outcome of await subscribeAll(this.client, subscriptions, this.context.timeoutMs)) {
        if (outcome.result === 'refused') throw new SwarmError(outcome.error.type, 'subscribe');
        if (outcome.result === 'failed') throw outcome.error;
      }
    });
    return ms;
  }

  private event(entityId: Uint8Array, reply: SmpReply): void {
    if (reply.tag !== 'MSG') return;
    const inbound = this.inbound.get(idKey(entityId));
    if (inbound === undefined) return;
    this.receive(inbound.queue, reply).catch((error: unknown) => {
      if (this.online) this.context.failed(error instanceof SwarmError ? error : new SwarmError('INTERNAL', 'receive', undefined, error));
    });
  }

  /** Takes a message, acknowledges it, and goes on with what the answer brings. */
  private async receive(queue: RecipientQueue, first: ReplyOf<'MSG'>): Promise<void> {
    const { deliveries } = this.context;
    let message: ReplyOf<'MSG'> | null = first;
    while (message !== null) {
      const at = performance.now();
      const opened = openMessage(queue, message);
      const tag = opened.kind === 'message' ? deliveries.tagOf(opened.body) : 0;
      this.received++;
      deliveries.arrived(tag);
      const msgId: Uint8Array = Uint8Array.from(message.msgId);
      const acknowledged: { ms: number; result: ReplyOf<'MSG'> | null } = await timed('acknowledge', () => acknowledge(this.client, queue, msgId));
      deliveries.acknowledgedWith(tag, { at, ackMs: acknowledged.ms });
      message = acknowledged.result;
    }
  }
}
