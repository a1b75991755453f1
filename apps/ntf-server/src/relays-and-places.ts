/** What operators see of relays and push services (NTF §6.5): states and counts, nothing of any device or queue. */
import type { PlaceStates, RelayStates } from '@polyplex/nest';
import { SECOND } from '@polyplex/base';
import type { PlaceGauges, Pushing, RelaySide, RelayView } from '@polyplex/server-ntf';

/** As the answers' schemas have it. */
const MOST = 1000;

export function relayStates(relays: Pick<RelaySide, 'gauges'>): RelayStates {
  const all = relays.gauges().relays.toSorted((a, b) => b.troubles.length - a.troubles.length || queuesOf(b) - queuesOf(a));
  const now = Date.now();
  return { total: all.length, relays: all.slice(0, MOST).map((view) => stateOf(view, now)) };
}

function queuesOf({ subscriptions, inService }: RelayView): number {
  return subscriptions + inService;
}

function stateOf({ host, own, state, awaySince, awayCause, ...view }: RelayView, now: number): RelayStates['relays'][number] {
  return {
    relay: host, isOwn: own, state,
    awaySeconds: secondsTo(awaySince, now),
    awayCause: awaySince === null ? null : awayCause,
    subscriptions: view.subscriptions,
    active: view.active,
    inService: view.inService,
    activeInService: view.activeInService,
    waiting: view.waiting,
    troubles: [...view.troubles],
  };
}

export function placeStates(pushing: Pick<Pushing, 'gauges'>): PlaceStates {
  const gauges = pushing.gauges();
  const now = Date.now();
  return { total: gauges.places, places: gauges.busiest(MOST).map((place) => placeOf(place, now)) };
}

function placeOf({ place, queued, inFlight, pausedUntil, dueSince }: PlaceGauges, now: number): PlaceStates['places'][number] {
  return { place, queued, inFlight, pausedSeconds: secondsTo(now, pausedUntil), oldestSeconds: secondsTo(dueSince, now) };
}

/** Whole ones, and none below zero: clocks are set. */
function secondsTo(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, Math.round((to - from) / SECOND));
}
