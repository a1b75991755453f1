/**
 * One connection to a relay from its first command to its end: service, walk, new subscriptions, events, probes.
 *
 *   service ──▶ subscribing ──walk done──▶ subscribed        `run` resolves when the connection is gone
 */
import { equalBytes, errorText } from '@polyplex/base';
import { backoffMs, type SmpClient } from '@polyplex/client';
import type { SmpReply } from '@polyplex/protocol-smp';
import type { Ends } from './ends.ts';
import type { Inbox } from './inbox.ts';
import type { LinkContext } from './link-context.ts';
import { repairOurService, type ServiceAnswer, type ServiceParts, subscribeOurs, takeOurService } from './our-service.ts';
import type { Pace } from './pace.ts';
import { Prober } from './prober.ts';
import type { Reading } from './reading.ts';
import type { RefusalGuard } from './refusal-guard.ts';
import type { StatusWriter } from './status-writer.ts';
import { Subscriber } from './subscriber.ts';
import type { Troubles } from './troubles.ts';

export interface SessionParts {
  readonly link: LinkContext;
  readonly inbox: Inbox;
  readonly reading: Reading;
  readonly writer: StatusWriter;
  readonly guard: RefusalGuard;
  readonly troubles: Troubles;
  readonly pace: Pace;
  readonly ends: Ends;
  readonly signal: AbortSignal;
  /** Whether the queues of the service may be subscribed one by one to find what is missing. */
  readonly mayRepair: () => boolean;
}

/** Why a session ended by our own will; null otherwise. */
export type SessionEnd = 'service-refused' | 'moved' | null;

export class RelaySession {
  state: 'service' | 'subscribing' | 'subscribed' = 'service';
  subscriber: Subscriber | null = null;
  /** Queues that NSUBS brought; null without service. */
  private serviceCount: number | null = null;
  private readonly parts: SessionParts;
  private readonly prober: Prober;
  private client: SmpClient | null = null;
  private over = false;
  private end: SessionEnd = null;
  private wake: () => void = () => undefined;
  private newHint = true;
  private walking = false;
  private repairing = false;
  /** Unix milliseconds; `Infinity`: not. */
  private due = { repeat: Infinity, walk: Infinity, service: Infinity };
  private repeatAttempt = 0;

  constructor(parts: SessionParts) {
    this.parts = parts;
    this.prober = new Prober(parts, {
      client: () => this.client!,
      subscriber: () => this.subscriber!,
      inService: () => this.inService,
      isOver: () => this.over,
      leave: () => this.close('moved'),
    });
  }

  /** What the relay says by itself. Bytes are views. */
  event(entityId: Uint8Array, reply: SmpReply, late: boolean): void {
    const { events } = this.parts.link.relayStats;
    if (late) return events.add('late'); // its command is repeated
    switch (reply.tag) {
      case 'NMSG':
        events.add('NMSG');
        return this.parts.inbox.push(entityId, reply.nonce, reply.encMeta);
      case 'END':
        events.add('END');
        return this.ended(entityId);
      case 'DELD':
        events.add('DELD');
        return this.deleted(entityId);
      case 'ENDS':
        events.add('ENDS');
        return this.serviceEnded(entityId);
      default:
        events.add('other');
        this.parts.link.log.debug('a relay said something unexpected', { relay: this.parts.link.host, tag: reply.tag });
    }
  }

  /** Queues of the service that this session has; null without service. */
  get inService(): number | null {
    return this.serviceCount === null ? null : this.serviceCount + (this.subscriber?.associated ?? 0);
  }

  /** New subscriptions may wait. */
  hint(): void {
    this.newHint = true;
    this.wake();
  }

  async run(client: SmpClient): Promise<SessionEnd> {
    const { reading } = this.parts;
    this.client = client;
    reading.from(client);
    const closed = client.closed.then(() => this.stop());
    const service = await this.takeService(client);
    if (!this.over && service.result === 'refused') this.close('service-refused');
    else if (service.result === 'failed') this.close(null);
    else if (!this.over) this.subscribe(client);
    await closed;
    reading.from(null);
    return this.end;
  }

  close(end: SessionEnd): void {
    this.end ??= end;
    this.client?.close();
  }

  private stop(): void {
    this.over = true;
    this.subscriber?.stop();
    this.wake();
  }

  private get serviceParts(): ServiceParts {
    return { link: this.parts.link, client: this.client!, wanted: () => !this.over };
  }

  private async takeService(client: SmpClient): Promise<ServiceAnswer> {
    const { troubles, link } = this.parts;
    const answer = await takeOurService(this.serviceParts);
    if (answer.result !== 'subscribed') {
      this.serviceCount = client.service === null ? null : 0;
      return answer;
    }
    const { count, expected } = answer;
    this.serviceCount = count;
    troubles.set('fewer', count < expected);
    troubles.set('service-taken', false);
    if (count >= expected) return answer;
    link.relayStats.serviceMissing.add(expected - count);
    if (this.parts.mayRepair()) {
      await repairOurService(this.serviceParts);
      this.serviceCount = 0;
      this.repairing = true;
    }
    return answer;
  }

  private subscribe(client: SmpClient): void {
    const { link, writer, guard, pace } = this.parts;
    this.subscriber = new Subscriber({ link, client, writer, guard, pace, onUnanswered: () => this.repeatInTime() });
    this.state = 'subscribing';
    this.background(this.walk(this.subscriber));
    this.background(this.look(this.subscriber));
  }

  /** What rejects is a bug: said, and the relay is begun with anew. */
  private background(work: Promise<void>): void {
    void work.catch((error: unknown) => {
      this.parts.link.log.error('subscribing at a relay failed', { error: errorText(error) });
      this.close(null);
    });
  }

  private async walk(subscriber: Subscriber): Promise<void> {
    const { link, troubles, guard } = this.parts;
    this.walking = true;
    await subscriber.walk();
    this.walking = false;
    if (this.over) return;
    const now = link.clock.now();
    this.state = 'subscribed';
    troubles.set('refusing', guard.since !== null);
    if (this.repairing && guard.since === null) troubles.set('fewer', false);
    this.due.walk = subscriber.incomplete ? now + link.options.walkAgainMs : Infinity;
    this.prober.begin();
    this.wake();
  }

  /** New ones, repeats and everything that is due by time, until the session is over. */
  private async look(subscriber: Subscriber): Promise<void> {
    const { clock } = this.parts.link;
    while (!this.over) {
      if (this.newHint) await this.takeNew(subscriber);
      const now = clock.now();
      if (now >= this.due.repeat) await this.repeat(subscriber);
      if (now >= this.due.walk && !this.walking) {
        this.due.walk = Infinity;
        this.background(this.walk(subscriber));
      }
      if (now >= this.due.service) await this.serviceAgain();
      if (now >= this.prober.dueAt) this.background(this.prober.probe());
      if (!this.newHint) await this.wait();
    }
  }

  private async takeNew(subscriber: Subscriber): Promise<void> {
    this.newHint = false;
    while (!this.over && (await subscriber.takeNew())) continue;
  }

  private repeatInTime(): void {
    const { clock, options, random } = this.parts.link;
    if (this.due.repeat !== Infinity) return;
    this.due.repeat = clock.now() + backoffMs(options.backoff, this.repeatAttempt++, random());
    this.wake();
  }

  private async repeat(subscriber: Subscriber): Promise<void> {
    this.due.repeat = Infinity;
    for (let left = Math.ceil(subscriber.repeatCount / this.parts.link.options.chunkSize); left > 0 && !this.over; left--) await subscriber.repeat();
    if (subscriber.repeatCount === 0) this.repeatAttempt = 0;
    else this.repeatInTime();
  }

  /** For a hint or the next thing that is due. */
  private async wait(): Promise<void> {
    const { clock, options, random } = this.parts.link;
    const poll = options.newIntervalMs * (0.5 + random());
    const now = clock.now();
    const next = Math.min(this.due.repeat, this.due.walk, this.due.service, this.prober.dueAt) - now;
    const polls = poll <= next;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(Math.max(1, Math.min(poll, next)), () => {
        this.newHint ||= polls;
        resolve();
      });
      this.wake = () => {
        cancel();
        resolve();
      };
      if (this.over || this.newHint) this.wake();
    });
    this.wake = () => undefined;
  }

  private ended(notifierId: Uint8Array): void {
    if (this.prober.expected.came(notifierId) || this.over) return;
    this.subscriber?.ended(notifierId, 'END');
    this.parts.ends.add(notifierId);
  }

  private deleted(notifierId: Uint8Array): void {
    this.subscriber?.ended(notifierId, 'DELETED');
    void this.parts.writer.write([{ notifierId: Uint8Array.from(notifierId), status: 'DELETED' }]);
  }

  /** Another session subscribed our service: a node of ours that took the relay over, or somebody with our key. */
  private serviceEnded(serviceId: Uint8Array): void {
    const ours = this.client?.service?.serviceId;
    if (this.over || ours === undefined || !equalBytes(ours, serviceId) || this.prober.expected.came(serviceId)) return;
    const { ends, troubles, link } = this.parts;
    this.countService(0);
    void ends.isOurs().then((isOurs) => {
      if (isOurs !== true || this.over) return;
      troubles.set('service-taken', true);
      this.due.service = link.clock.now() + link.options.walkAgainMs; // not at once: two would take it from each other for ever
      this.wake();
    });
  }

  private async serviceAgain(): Promise<void> {
    this.due.service = Infinity;
    const answer = await subscribeOurs({ link: this.parts.link, client: this.client! }, 0);
    if (answer.result === 'subscribed') this.countService(answer.count);
  }

  private countService(count: number): void {
    this.serviceCount = count;
    if (this.subscriber !== null) this.subscriber.associated = 0;
  }
}
