/**
 * The plain model of a whole store: arrays, maps and fields, changed at once in the order of the calls. It knows what
 * every answer and event has to be, and whether somebody was told of what waits.
 */
import { idKey, type IdKey } from '@polyplex/base';
import type { ConnectionId, LinkData, Message, NewQueue, Notification, QueueRecord } from '@polyplex/store-contract';
import type { BodyMessage } from '../builders.ts';
import { line } from '../event-log.ts';

/** A record but for what only the store knows: its revision, and the day that it has got round to. */
export type Facts = Omit<QueueRecord, 'revision' | 'usedDay'>;

/** A record as it was answered, and which state of the model it shows. */
export interface Known {
  readonly record: QueueRecord;
  readonly version: number;
}

/** A message as it was appended. */
interface Given {
  readonly message: BodyMessage;
  readonly notification: Notification | null;
  readonly stored: boolean;
  /** Whether the queue was empty before it. */
  readonly first: boolean;
  /** The queue's notifier then. */
  readonly notifierId: Uint8Array | null;
}

export class ModelQueue {
  readonly given: NewQueue;
  /** The record after each change of it; null: deleted. */
  readonly history: (Facts | null)[];
  /** The newest version that an answer has shown. */
  answered = -1;
  readonly known: Known[] = [];
  readonly revisions = new Map<number, number>();
  readonly days: Set<number>;
  messages: Message[] = [];
  /** The last message that the queue was given. */
  last: Given | null = null;
  link: LinkData | null;
  notifications: Notification[] = [];
  subscriber: ConnectionId | null = null;
  /** Whether the subscriber was told that something waits. */
  told = false;
  /** The direct subscriber of the notifier. */
  notifySubscriber: ConnectionId | null = null;
  toldNotifier = false;

  constructor(given: NewQueue) {
    const { link, usedDay, ...facts } = given;
    this.given = given;
    this.history = [{ ...facts, linkId: link?.linkId ?? null }];
    this.link = link?.data ?? null;
    this.days = new Set([usedDay]);
  }

  get version(): number {
    return this.history.length - 1;
  }

  get facts(): Facts | null {
    return this.history.at(-1)!;
  }

  change(facts: Partial<Facts> | null): void {
    this.history.push(facts === null ? null : { ...this.facts!, ...facts });
  }

  get isClosed(): boolean {
    return this.messages.at(-1)?.kind === 'quota';
  }

  /** The head rule of SMP §8.4. */
  expire(before: number): number {
    let count = 0;
    while (this.messages[0]?.kind === 'message' && this.messages[0].ts < before) {
      this.messages.shift();
      count++;
    }
    return count;
  }
}

export interface ModelSession {
  readonly connection: ConnectionId;
  all: boolean;
  /** The notifiers that count to it. */
  readonly counted: Set<IdKey>;
}

export const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === b || (a !== null && b !== null && idKey(a) === idKey(b));

export class ModelStore {
  queues: ModelQueue[] = [];
  readonly sessions = new Map<IdKey, ModelSession>();
  /** What has to be told since the last comparison, and about which connection. */
  events: { line: string; connection: ConnectionId; optional: boolean }[] = [];

  get live(): ModelQueue[] {
    return this.queues.filter((queue) => queue.facts !== null);
  }

  tell(connection: ConnectionId, event: string, id: Uint8Array, ...facts: unknown[]): void {
    this.events.push({ line: line(event, id, ...facts, connection), connection, optional: false });
  }

  /** Who gets the notifications of a queue. */
  holder(queue: ModelQueue): ConnectionId | null {
    const serviceId = queue.facts?.notifier?.serviceId ?? null;
    return serviceId === null ? queue.notifySubscriber : (this.sessions.get(idKey(serviceId))?.connection ?? null);
  }

  associated(serviceId: Uint8Array): ModelQueue[] {
    return this.live.filter(({ facts }) => facts!.notifier !== null && isSame(facts!.notifier.serviceId, serviceId));
  }

  claim(queue: ModelQueue, by: ConnectionId): void {
    const previous = queue.subscriber;
    if (previous !== null && previous !== by) this.tell(previous, 'ended recipient', queue.given.recipientId);
    queue.subscriber = by;
    queue.told = false;
  }

  /** `by` becomes the session of a service. */
  takeSession(serviceId: Uint8Array, by: ConnectionId): ModelSession {
    const previous = this.sessions.get(idKey(serviceId));
    if (previous?.connection === by) return previous;
    if (previous !== undefined) this.tell(previous.connection, 'serviceEnded', serviceId, previous.counted.size);
    const session = { connection: by, all: false, counted: new Set<IdKey>() };
    this.sessions.set(idKey(serviceId), session);
    for (const queue of this.associated(serviceId)) queue.toldNotifier = false;
    return session;
  }

  /** A queue got a notifier that has a service from the start. */
  joinNotifier({ facts }: ModelQueue): void {
    const { notifierId, serviceId } = facts!.notifier!;
    const session = serviceId === null ? undefined : this.sessions.get(idKey(serviceId));
    if (session?.all === true) session.counted.add(idKey(notifierId));
  }

  /** The notifier of a queue goes: whoever is subscribed hears it, except `by`. */
  endNotifier(queue: ModelQueue, by: ConnectionId | null): void {
    const { notifierId, serviceId } = queue.facts!.notifier!;
    const holder = this.holder(queue);
    if (holder !== null && holder !== by) this.tell(holder, 'deleted notifier', notifierId);
    if (serviceId !== null) this.sessions.get(idKey(serviceId))?.counted.delete(idKey(notifierId));
    queue.notifySubscriber = null;
    queue.notifications = [];
    queue.toldNotifier = false;
  }

  /** One notifier is subscribed, directly or for a service. */
  claimNotifier(queue: ModelQueue, by: ConnectionId, serviceId: Uint8Array | null): void {
    const notifier = queue.facts!.notifier!;
    const key = idKey(notifier.notifierId);
    const isMoved = !isSame(notifier.serviceId, serviceId);
    const old = isMoved && notifier.serviceId !== null ? this.sessions.get(idKey(notifier.serviceId)) : undefined;
    old?.counted.delete(key);
    if (old !== undefined && old.connection !== by) this.tell(old.connection, 'ended notifier', notifier.notifierId);
    const previous = queue.notifySubscriber;
    if (previous !== null && previous !== by) this.tell(previous, 'ended notifier', notifier.notifierId);
    if (isMoved) queue.change({ notifier: { ...notifier, serviceId } });
    queue.notifySubscriber = serviceId === null ? by : null;
    if (serviceId !== null) this.takeSession(serviceId, by).counted.add(key);
    queue.toldNotifier = false;
  }

  release(by: ConnectionId): void {
    for (const queue of this.queues) {
      if (queue.subscriber === by) queue.subscriber = null;
      if (queue.notifySubscriber === by) queue.notifySubscriber = null;
    }
    for (const [serviceId, session] of this.sessions) if (session.connection === by) this.sessions.delete(serviceId);
  }

  /** After a restart nobody is subscribed. */
  forgetSubscriptions(): void {
    for (const queue of this.queues) queue.subscriber = queue.notifySubscriber = null;
    this.sessions.clear();
  }
}
