/**
 * All push services of one kind, Apple's or Web Push: bounds on what they have together, so that strangers' services never
 * take what Apple's need, and turns among them, so that one with many jobs does not keep the others waiting.
 */
import type { PlaceLimits } from './options.ts';
import type { Place } from './place.ts';

export class Family {
  readonly limits: PlaceLimits;
  inFlight = 0;
  unprovenInFlight = 0;
  queued = 0;
  /** Those that could go on but for the family's bounds, in the order of their turns. */
  readonly #proven = new Set<Place>();
  readonly #unproven = new Set<Place>();

  constructor(limits: PlaceLimits) {
    this.limits = limits;
  }

  /** Whether one more job may wait for this place. */
  takes(place: Place): boolean {
    const { queued, familyQueued, unprovenQueued } = this.limits;
    // What need not wait is taken also when others fill the family's queue.
    if (place.queued === 0 && place.hasRoom && (place.isProven ? this.#hasRoom : this.#hasUnprovenRoom)) return true;
    return this.queued < familyQueued && place.queued < (place.isProven ? queued : unprovenQueued);
  }

  /** Whether this place may begin a push now; if not, and only for the family's bounds, it waits for its turn. */
  mayBegin(place: Place, now: number): boolean {
    if (!place.hasRoom || place.queued === 0 || now < place.pausedUntil) return false;
    if (place.isProven ? this.#hasRoom : this.#hasUnprovenRoom) return true;
    (place.isProven ? this.#proven : this.#unproven).add(place);
    return false;
  }

  begin(isProven: boolean): void {
    this.inFlight += 1;
    if (!isProven) this.unprovenInFlight += 1;
  }

  end(wasProven: boolean): void {
    this.inFlight -= 1;
    if (!wasProven) this.unprovenInFlight -= 1;
  }

  /** Whose turn it is after a push ended; those that have to wait again come behind. */
  *turns(): Iterable<Place> {
    while (this.#proven.size > 0 && this.#hasRoom) yield taken(this.#proven);
    while (this.#unproven.size > 0 && this.#hasUnprovenRoom) yield taken(this.#unproven);
  }

  forget(place: Place): void {
    this.#proven.delete(place);
    this.#unproven.delete(place);
  }

  get #hasRoom(): boolean {
    return this.inFlight < this.limits.familyInFlight;
  }

  get #hasUnprovenRoom(): boolean {
    return this.#hasRoom && this.unprovenInFlight < this.limits.unprovenInFlight;
  }
}

function taken(places: Set<Place>): Place {
  const [first] = places;
  places.delete(first!);
  return first!;
}
