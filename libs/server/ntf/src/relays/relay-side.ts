/**
 * The side of the relays: this node's share of all relays that have subscriptions, a link to each, and what comes from them
 * on its way to the push services. Nodes find each other through the store alone.
 */
import { errorText, SECOND } from '@polyplex/base';
import { parseAddress } from '@polyplex/protocol-common';
import { BulkTurns } from '@polyplex/server-core';
import { type RelayRecord, StoreError } from '@polyplex/store-contract';
import { compareClaims, type Share } from './claims.ts';
import type { RelaySideDeps } from './deps.ts';
import { linkContext, type RelaySideContext } from './link-context.ts';
import type { RelaySideOptions } from './options.ts';
import { Pace } from './pace.ts';
import { WaitingTotal } from './reading.ts';
import { RelayLink } from './relay-link.ts';
import { RelayStats } from './relay-stats.ts';
import type { RelayView } from './relay-view.ts';

export interface RelayGauges {
  /** Of this node, in no particular order. */
  readonly relays: readonly RelayView[];
  /** Live nodes, and relays that have a node and in all, as last seen; null before the first look. */
  readonly share: Share | null;
  /** Notifications and ends of all relays that wait for the store. */
  readonly waiting: number;
  /** How long the oldest of them has been waiting, in milliseconds; 0: none waits. */
  readonly waitingMs: number;
  /** Relays whose address is none. */
  readonly unusable: number;
}

export interface RelaySide {
  /** Begins; resolves at once, since a million subscriptions take their time. */
  start(): void;
  /** Ends all connections and gives the relays back; resolves when what came from them is stored, or the time is over. */
  stop(): Promise<void>;
  gauges(): RelayGauges;
  readonly stats: RelayStats;
}

export function createRelaySide(deps: RelaySideDeps, options: RelaySideOptions): RelaySide {
  return new Side(deps, options);
}

/** How many rounds of claims go by between two looks at the counts of all relays. */
const ROUNDS_A_LOOK = 12;

/** Between two rounds that were asked for. */
const HINTED_MS = SECOND;

class Side implements RelaySide {
  readonly stats = new RelayStats();
  private readonly side: RelaySideContext;
  private readonly links = new Map<string, RelayLink>();
  /** Claimed, and yet no relay can be at them. */
  private readonly unusable = new Set<string>();
  private share: Share | null = null;
  private cancelRound: (() => void) | null = null;
  private round: Promise<void> | null = null;
  private again = false;
  private lookedAt = -Infinity;
  private rounds = 0;
  private renewing: Promise<void> | null = null;
  /** Not ours any more, as renewals said; until they are closed or claimed again. */
  private readonly gone = new Set<string>();
  private stopped = false;

  constructor(deps: RelaySideDeps, options: RelaySideOptions) {
    const { clock, random = Math.random } = deps;
    this.side = {
      ...deps,
      options,
      random,
      relayStats: this.stats,
      connectPace: new Pace(clock, options.connectsPerSecond),
      subscribePace: new Pace(clock, options.subscribesPerSecond),
      turns: new BulkTurns(),
      waiting: new WaitingTotal(),
      verifyClaim: (relay) => this.verifyClaim(relay),
    };
  }

  start(): void {
    this.side.store.onNew((relay) => this.hint(relay));
    this.look();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelRound?.();
    await this.round;
    const relays = [...this.links.keys(), ...this.unusable];
    await Promise.all([...this.links.values()].map((link) => link.close()));
    this.links.clear();
    await this.side.store.releaseRelays(relays).catch((error: unknown) => this.failed(error));
  }

  gauges(): RelayGauges {
    const relays = [...this.links.values()].map(({ view }) => view);
    const oldest = relays.reduce((least, { oldestWaitingAt }) => Math.min(least, oldestWaitingAt ?? Infinity), Infinity);
    const waitingMs = oldest === Infinity ? 0 : Math.max(0, this.side.clock.now() - oldest);
    return { relays, share: this.share, waiting: this.side.waiting.count, waitingMs, unusable: this.unusable.size };
  }

  private hint(relay: string): void {
    if (this.stopped) return;
    const link = this.links.get(relay);
    if (link !== undefined) link.hint();
    else if (!this.unusable.has(relay)) this.lookSoon();
  }

  /** Hints come in crowds, and not all are for us: a round in a second is enough. */
  private lookSoon(): void {
    const { clock } = this.side;
    this.again = true;
    if (this.round !== null) return;
    this.cancelRound?.();
    this.cancelRound = clock.after(Math.max(0, this.lookedAt + HINTED_MS - clock.now()), () => this.look());
  }

  /** A round of claims now, or after the one that goes on. */
  private look(): void {
    if (this.round !== null) {
      this.again = true;
      return;
    }
    this.cancelRound?.();
    this.again = false;
    this.lookedAt = this.side.clock.now();
    this.round = this.claim().finally(() => {
      this.round = null;
      if (this.stopped) return;
      const { clock, options, random } = this.side;
      const afterMs = this.again ? HINTED_MS : options.claimIntervalMs * (0.75 + 0.5 * random());
      this.cancelRound = clock.after(afterMs, () => this.look());
    });
  }

  private async claim(): Promise<void> {
    const { store, options } = this.side;
    const relays = new Set([...this.links.keys(), ...this.unusable]);
    const empty = new Set([...this.links].filter(([, link]) => link.isEmpty).map(([relay]) => relay));
    try {
      await this.renew();
      const { gained, lost, spare, share } = await compareClaims(store, { relays, empty, gone: this.gone }, options);
      this.share = share;
      this.stats.claimsLost.add(lost.length);
      await Promise.all(lost.map((relay) => this.leave(relay)));
      if (this.stopped) return;
      for (const record of gained) this.take(record);
      await this.giveBack(spare);
      if (this.rounds++ % ROUNDS_A_LOOK === 0) await this.readCounts();
    } catch (error) {
      this.failed(error);
    }
  }

  private take(record: RelayRecord): void {
    const { relay } = record;
    const address = parseAddress(relay);
    if (address === null) this.unusable.add(relay);
    else this.links.set(relay, new RelayLink(linkContext(this.side, { relay, address }), record));
  }

  private async giveBack(relays: readonly string[]): Promise<void> {
    if (relays.length === 0) return;
    await Promise.all(relays.map((relay) => this.leave(relay)));
    await this.side.store.releaseRelays(relays);
    this.stats.released.add(relays.length);
  }

  private async leave(relay: string): Promise<void> {
    const link = this.links.get(relay);
    this.links.delete(relay);
    this.unusable.delete(relay);
    this.gone.delete(relay);
    await link?.close();
  }

  private async readCounts(): Promise<void> {
    for (const record of await this.side.store.relays()) {
      this.links.get(record.relay)?.counted(record);
    }
  }

  private async verifyClaim(relay: string): Promise<boolean> {
    await this.renew();
    if (!this.gone.has(relay)) return true;
    this.look();
    return false;
  }

  /** Those who ask at the same time share an answer. */
  private renew(): Promise<void> {
    const { store, options } = this.side;
    this.renewing ??= store.renewRelays(options.claimLeaseMs).then((lost) => {
      for (const relay of lost) this.gone.add(relay);
    }).finally(() => (this.renewing = null));
    return this.renewing;
  }

  private failed(error: unknown): void {
    if (error instanceof StoreError) this.stats.storeFailures.add();
    const level = error instanceof StoreError ? 'warn' : 'error';
    this.side.log[level]('claiming relays failed; it is repeated', { error: error instanceof StoreError ? error.code : errorText(error) });
  }
}

