/**
 * The pushing side: takes jobs that are due, from the store and from the relays' side, and has them pushed, each service in
 * a queue of its own, so that a slow one holds up nobody else. Nothing is kept here that is not in the store: a job that
 * this process does not settle is another's when its lease runs out.
 *
 * One job of a token exists at a time and has one push under way, so a token's pushes keep their order.
 */
import type { PushJob } from '@polyplex/store-contract';
import { Deliveries } from './deliveries.ts';
import type { PushingDeps } from './deps.ts';
import { Intake } from './intake.ts';
import { DEFAULT_PUSHING_OPTIONS, type PushingOptions } from './options.ts';
import { Places } from './places.ts';
import { PushingStats } from './pushing-stats.ts';

export interface PlaceGauges {
  /** `apns_prod` …, or the origin of a push service. */
  readonly place: string;
  readonly queued: number;
  readonly inFlight: number;
  /** Unix milliseconds; null: it is not paused. */
  readonly pausedUntil: number | null;
  /** Unix milliseconds since when the oldest of those that wait is due. */
  readonly dueSince: number | null;
}

export interface PushingGauges {
  readonly queued: number;
  readonly inFlight: number;
  readonly places: number;
  readonly pausedPlaces: number;
  readonly dueSince: number | null;
  /** Those with most to do, paused ones first; at most as many as asked for. */
  busiest(limit: number): readonly PlaceGauges[];
}

export interface Pushing {
  readonly stats: PushingStats;
  readonly leaseMs: number;
  /** Takes a job that was leased for `leaseMs` just now. Never throws; without room it gives the job back. */
  offer(job: PushJob): void;
  /** Whether jobs should be leased for it. */
  hasRoom(): boolean;
  start(): void;
  /** Takes no more; resolves when pushes under way are settled and the others given back, at the latest after `graceMs`. */
  stop(graceMs: number): Promise<void>;
  gauges(): PushingGauges;
}

export function createPushing(deps: PushingDeps, options: Partial<PushingOptions> = {}): Pushing {
  const all = { ...DEFAULT_PUSHING_OPTIONS, ...options };
  const stats = new PushingStats();
  const places = new Places(all);
  const shared = { ...deps, random: deps.random ?? Math.random, ownHostOf: deps.ownHostOf ?? (() => null), options: all, pushingStats: stats, places };
  const deliveries = new Deliveries(shared, () => intake.roomCame());
  const intake = new Intake(shared, deliveries);
  return {
    stats,
    leaseMs: all.leaseMs,
    offer: (job) => deliveries.offer(job),
    hasRoom: () => deliveries.hasRoom,
    start: () => intake.start(),
    async stop(graceMs) {
      intake.stop();
      await deliveries.stop(graceMs);
    },
    gauges: () => gaugesOf(places, deps.clock.now()),
  };
}

function gaugesOf(places: Places, now: number): PushingGauges {
  let count = 0;
  let pausedPlaces = 0;
  let dueSince: number | null = null;
  for (const place of places.all()) {
    count += 1;
    if (place.pausedUntil > now) pausedPlaces += 1;
    if (place.dueSince !== null) dueSince = Math.min(place.dueSince, dueSince ?? Infinity);
  }
  return { queued: places.queued, inFlight: places.inFlight, places: count, pausedPlaces, dueSince, busiest: (limit) => busiest(places, now, limit) };
}

function busiest(places: Places, now: number, limit: number): readonly PlaceGauges[] {
  const all = Array.from(places.all(), (place) => ({
    place: place.name,
    queued: place.queued,
    inFlight: place.inFlight,
    pausedUntil: place.pausedUntil > now ? place.pausedUntil : null,
    dueSince: place.dueSince,
  }));
  const weight = (each: PlaceGauges): number => (each.pausedUntil === null ? 0 : 1e9) + each.queued + each.inFlight;
  return all.sort((a, b) => weight(b) - weight(a)).slice(0, limit);
}
