/**
 * Frames that cost work and bring nothing (rapid reset, floods of pings and settings): a connection may have a number of
 * them at once and some a second after that.
 */
import { SECOND } from '@polyplex/base';

export interface WasteOptions {
  readonly wasteBurst: number;
  readonly wastePerSecond: number;
  readonly now: () => number;
}

export class WasteBudget {
  readonly #options: WasteOptions;
  #left: number;
  #at: number;

  constructor(options: WasteOptions) {
    this.#options = options;
    this.#left = options.wasteBurst;
    this.#at = options.now();
  }

  /** False when there is nothing left. */
  spend(): boolean {
    const { wasteBurst, wastePerSecond, now } = this.#options;
    const time = now();
    const gained = (Math.max(0, time - this.#at) / SECOND) * wastePerSecond;
    this.#left = Math.min(wasteBurst, this.#left + gained) - 1;
    this.#at = time;
    return this.#left >= 0;
  }
}
