/**
 * One relay that this node has claimed (NTF §4, §6.2): connected as long as the claim holds, again and again, with growing
 * and spread waits. When a connection stays away its subscriptions are INACTIVE.
 *
 *   waiting ──▶ connecting ──▶ session … lost ──▶ waiting        `close` ends it from anywhere
 */
import { DAY, errorText } from '@polyplex/base';
import { backoffMs, type SmpClient } from '@polyplex/client';
import type { RelayRecord } from '@polyplex/store-contract';
import { connectFailure, isBadService, isIncompatible } from './connect-failure.ts';
import { Ends } from './ends.ts';
import { Inbox } from './inbox.ts';
import type { LinkContext } from './link-context.ts';
import { forgetOurService } from './our-service.ts';
import { Pace } from './pace.ts';
import { Reading } from './reading.ts';
import { RefusalGuard } from './refusal-guard.ts';
import { refuseAll } from './refuse-all.ts';
import type { AwayCause } from './relay-stats.ts';
import { RelaySession } from './relay-session.ts';
import type { RelayView } from './relay-view.ts';
import { StatusWriter } from './status-writer.ts';
import { Troubles } from './troubles.ts';
import { untilStored } from './until-stored.ts';

/** A relay that refused our service is asked again after this. */
const SERVICE_AGAIN_MS = DAY;

const TIMES_EMPTY = 2;

export class RelayLink {
  /** As the store had it last. */
  private record: RelayRecord;
  /** How many times in a row it had nothing to subscribe. */
  private timesEmpty = 0;
  private readonly link: LinkContext;
  private readonly reading: Reading;
  private readonly inbox: Inbox;
  private readonly writer: StatusWriter;
  private readonly guard: RefusalGuard;
  private readonly troubles: Troubles;
  private readonly ends: Ends;
  private readonly pace: Pace;
  private readonly aborter = new AbortController();
  private session: RelaySession | null = null;
  private connecting = false;
  private connectedAt: number | null = null;
  /** Unix milliseconds; null: connected. */
  private awaySince: number | null;
  private awayCause: AwayCause | null = null;
  private attempt = 0;
  private withoutServiceUntil = 0;
  private repairedAt = -Infinity;
  private cancelGrace: (() => void) | null = null;
  private marking: Promise<void> = Promise.resolve();
  private cutWait: () => void = () => undefined;

  constructor(link: LinkContext, record: RelayRecord) {
    this.link = link;
    this.record = record;
    this.reading = new Reading(link);
    this.inbox = new Inbox(link, this.reading);
    this.writer = new StatusWriter(link, this.reading);
    this.guard = new RefusalGuard(link);
    this.troubles = new Troubles(link);
    this.ends = new Ends(link, this.writer, this.reading);
    this.pace = new Pace(link.clock, link.options.subscribesPerSecondAndRelay);
    this.awaySince = link.clock.now();
    this.beginGrace();
    void this.run();
  }

  /** What the store has of it now. */
  counted(record: RelayRecord): void {
    this.record = record;
    this.timesEmpty = record.subscriptions === 0 ? this.timesEmpty + 1 : 0;
  }

  /** It had nothing to subscribe for a while. */
  get isEmpty(): boolean {
    return this.timesEmpty >= TIMES_EMPTY;
  }

  /** New subscriptions may wait. */
  hint(): void {
    this.timesEmpty = 0;
    this.session?.hint();
  }

  /** Ends the connection; resolves when what came from the relay is in the store, or the time for that is over. */
  async close(): Promise<void> {
    this.aborter.abort();
    this.cancelGrace?.();
    this.cutWait();
    this.session?.close(null);
    this.ends.stop();
    this.writer.stop();
    await this.inbox.drain();
  }

  get view(): RelayView {
    const { host, ownHost } = this.link;
    return {
      host,
      own: ownHost !== null,
      ...this.connectionView,
      ...this.countsView,
      waiting: this.inbox.size,
      oldestWaitingAt: this.inbox.oldestAt,
      lastNotificationAt: this.inbox.lastAt,
      troubles: this.troubles.all,
    };
  }

  private get connectionView(): Pick<RelayView, 'state' | 'connectedAt' | 'awaySince' | 'awayCause'> {
    const { session, awaySince } = this;
    return {
      state: session?.state ?? (this.connecting ? 'connecting' : 'waiting'),
      connectedAt: session === null ? null : this.connectedAt,
      awaySince,
      awayCause: awaySince === null ? null : this.awayCause,
    };
  }

  private get countsView(): Pick<RelayView, 'subscriptions' | 'active' | 'service' | 'inService' | 'activeInService'> {
    const { session, record } = this;
    const subscriptions = Math.max(0, record.subscriptions - record.inService);
    return {
      subscriptions,
      active: Math.min(subscriptions, session?.subscriber?.active ?? 0),
      service: session === null ? record.serviceId !== null : session.inService !== null,
      inService: record.inService,
      activeInService: session?.inService ?? 0,
    };
  }

  private get closed(): boolean {
    return this.aborter.signal.aborted;
  }

  private async run(): Promise<void> {
    const { options, random } = this.link;
    await this.wait(random() * options.spreadMs);
    while (!this.closed) {
      try {
        await this.once();
      } catch (error) {
        this.link.log.error('the link to a relay failed', { error: errorText(error) });
      }
      if (!this.closed) await this.wait(this.backoff());
    }
  }

  /** One connection, from the attempt to its end. */
  private async once(): Promise<void> {
    const { link, inbox, reading, writer, guard, troubles, pace, ends } = this;
    await link.connectPace.take();
    if (this.closed) return;
    const { signal } = this.aborter;
    const mayRepair = (): boolean => this.mayRepair();
    const session = new RelaySession({ link, inbox, reading, writer, guard, troubles, pace, ends, signal, mayRepair });
    const client = await this.connect(session);
    if (client === null) return;
    if (this.closed) return client.close();
    await this.marking; // what is marked INACTIVE now shall not be so after it was subscribed
    this.connected(session);
    const end = await session.run(client);
    this.lost();
    if (end === 'service-refused') await this.leaveService();
  }

  private async connect(session: RelaySession): Promise<SmpClient | null> {
    const { relay, address, relayStats, clock } = this.link;
    this.connecting = true;
    try {
      const withService = clock.now() >= this.withoutServiceUntil;
      const onEvent = session.event.bind(session);
      return await this.link.connect({ relay, address, withService, onEvent, signal: this.aborter.signal });
    } catch (error) {
      const cause = connectFailure(error);
      if (this.closed) return null;
      relayStats.connectFailures.add(cause);
      await this.failed(cause, isBadService(error));
      if (isIncompatible(error)) await refuseAll(this.link, this.writer, () => !this.closed);
      return null;
    } finally {
      this.connecting = false;
    }
  }

  private async failed(cause: AwayCause, badService: boolean): Promise<void> {
    const { options, clock } = this.link;
    this.awayCause = cause;
    this.troubles.set('identity', cause === 'identity');
    this.troubles.set('incompatible', (cause === 'protocol' && !badService) || cause === 'host');
    this.troubles.set('unreachable', this.awayForMs() >= options.unreachableAfterMs);
    if (badService && clock.now() >= this.withoutServiceUntil) await this.leaveService();
  }

  /** The relay does not take our service: its queues are subscribed one by one, without it. */
  private async leaveService(): Promise<void> {
    this.link.relayStats.serviceRefused.add();
    this.withoutServiceUntil = this.link.clock.now() + SERVICE_AGAIN_MS;
    await forgetOurService({ link: this.link, wanted: () => !this.closed });
  }

  private mayRepair(): boolean {
    const now = this.link.clock.now();
    if (now - this.repairedAt < this.link.options.serviceRepairMs) return false;
    this.repairedAt = now;
    return true;
  }

  private connected(session: RelaySession): void {
    this.session = session;
    this.connectedAt = this.link.clock.now();
    this.awaySince = null;
    this.cancelGrace?.();
    this.cancelGrace = null;
    this.link.relayStats.connects.add();
    for (const trouble of ['unreachable', 'identity', 'incompatible', 'address'] as const) this.troubles.set(trouble, false);
    this.say('connected to a relay');
  }

  private lost(): void {
    const { clock, relayStats, options } = this.link;
    this.session = null;
    this.awaySince = clock.now();
    this.awayCause = 'closed';
    if (this.closed) return;
    // One that lasted was a good one: the next wait is short again.
    if (clock.now() - (this.connectedAt ?? 0) >= options.backoff.maxMs) this.attempt = 0;
    relayStats.disconnects.add();
    this.say('the connection to a relay is gone');
    this.beginGrace();
  }

  /** Of relays of our own an operator wants to know; of others there may be thousands. */
  private say(message: string): void {
    const { log, host, ownHost } = this.link;
    log[ownHost === null ? 'debug' : 'info'](message, { relay: host });
  }

  private beginGrace(): void {
    const { clock, options, store, relay } = this.link;
    this.cancelGrace ??= clock.after(options.graceMs, () => {
      const mark = untilStored(() => store.disconnected(relay), this.link.insist(() => !this.closed));
      this.marking = mark.then(() => undefined);
    });
  }

  private awayForMs(): number {
    return this.awaySince === null ? 0 : this.link.clock.now() - this.awaySince;
  }

  private backoff(): number {
    const { options, random } = this.link;
    const isAway = this.awayForMs() >= options.awayAfterMs;
    return backoffMs(isAway ? options.backoffAway : options.backoff, this.attempt++, random());
  }

  private async wait(ms: number): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      const cancel = this.link.clock.after(ms, resolve);
      this.cutWait = () => {
        cancel();
        resolve();
      };
    });
  }
}
