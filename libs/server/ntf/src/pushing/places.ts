/** The push services that are known now: made when a job comes, forgotten when nothing is left to know of them. */
import { Family } from './family.ts';
import type { PushingOptions } from './options.ts';
import { Place } from './place.ts';

export class Places {
  readonly apns: Family;
  readonly webPush: Family;
  readonly #max: number;
  /** Those used longest ago first. */
  readonly #places = new Map<string, Place>();

  constructor(options: PushingOptions) {
    this.apns = new Family(options.apns);
    this.webPush = new Family(options.webPush);
    this.#max = options.places;
  }

  familyOf(name: string): Family {
    return name.startsWith('https:') ? this.webPush : this.apns;
  }

  /** Null when as many are known as may be, and all of them are busy or paused. */
  placeOf(name: string, now: number): Place | null {
    let place = this.#places.get(name);
    if (place !== undefined) this.#places.delete(name);
    else if (this.#places.size >= this.#max && !this.#forgetOne(now)) return null;
    else place = new Place(name, this.familyOf(name).limits.inFlight);
    this.#places.set(name, place);
    return place;
  }

  all(): Iterable<Place> {
    return this.#places.values();
  }

  get queued(): number {
    return this.apns.queued + this.webPush.queued;
  }

  get inFlight(): number {
    return this.apns.inFlight + this.webPush.inFlight;
  }

  #forgetOne(now: number): boolean {
    for (const [name, place] of this.#places) {
      if (place.inFlight > 0 || place.queued > 0 || now < place.pausedUntil) continue;
      this.familyOf(name).forget(place);
      this.#places.delete(name);
      return true;
    }
    return false;
  }
}
