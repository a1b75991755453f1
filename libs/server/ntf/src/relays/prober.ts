/** When a session is probed, with what, and what comes of it. */
import { EMPTY_BYTES } from '@polyplex/base';
import type { SmpClient, SmpEventHandler } from '@polyplex/client';
import { ExpectedEnds } from './expected-ends.ts';
import type { Inbox } from './inbox.ts';
import type { LinkContext } from './link-context.ts';
import { probe } from './probe.ts';
import type { ProbeResult } from './relay-stats.ts';
import type { Subscriber } from './subscriber.ts';
import type { Troubles } from './troubles.ts';

export interface ProberParts {
  readonly link: LinkContext;
  readonly inbox: Inbox;
  readonly troubles: Troubles;
  readonly signal: AbortSignal;
}

/** What it asks of its session, and wants done. */
export interface ProbedSession {
  client(): SmpClient;
  subscriber(): Subscriber;
  inService(): number | null;
  isOver(): boolean;
  /** The relay is elsewhere: connect anew. */
  leave(): void;
}

/** A relay behind a few lost packets is none whose address is wrong. */
const FAILED_PROBES = 3;

export class Prober {
  readonly expected: ExpectedEnds;
  /** Unix milliseconds; `Infinity`: not. */
  dueAt = Infinity;
  private readonly parts: ProberParts;
  private readonly session: ProbedSession;
  private failed = 0;

  constructor(parts: ProberParts, session: ProbedSession) {
    this.parts = parts;
    this.session = session;
    this.expected = new ExpectedEnds(parts.link);
  }

  /** All is subscribed: from now on it makes sense. */
  begin(): void {
    if (this.dueAt === Infinity) this.setNext();
  }

  async probe(): Promise<void> {
    this.setNext();
    const { link, signal } = this.parts;
    const { session, expected } = this;
    const subscriber = session.subscriber();
    const client = session.client();
    const serviceId = client.service?.serviceId;
    if (serviceId === undefined ? subscriber.canaries.all.length === 0 : session.inService() === 0) return;
    const result = await probe({
      link,
      signal,
      onEvent: this.onEvent,
      probed: {
        client,
        canaries: subscriber.canaries.all,
        expectEnd: (notifierId) => expected.expect(notifierId),
        expectEnds: () => expected.expect(serviceId ?? EMPTY_BYTES),
        subscribeAgain: (record) => subscriber.again(record),
      },
    });
    if (!session.isOver()) this.conclude(result);
  }

  /** Notifications come to a probe as to any connection; all else is about the probe. */
  private readonly onEvent: SmpEventHandler = (entityId, reply, late) => {
    if (reply.tag === 'NMSG' && !late) this.parts.inbox.push(entityId, reply.nonce, reply.encMeta);
  };

  private conclude(result: ProbeResult): void {
    const { link, troubles } = this.parts;
    link.relayStats.probes.add(result);
    this.failed = result === 'failed' ? this.failed + 1 : 0;
    troubles.set('identity', result === 'identity');
    troubles.set('address', this.failed >= FAILED_PROBES);
    troubles.set('moved', result === 'moved');
    if (result === 'moved') this.session.leave();
  }

  private setNext(): void {
    const { options, clock, random } = this.parts.link;
    const interval = (this.session.inService() ?? 0) > 0 ? options.serviceProbeIntervalMs : options.probeIntervalMs;
    this.dueAt = interval === 0 ? Infinity : clock.now() + interval * (0.5 + random());
  }
}
