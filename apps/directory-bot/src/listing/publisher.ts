/** Writes the listing when it has changed, and now and then for times and counts in it (directory §3.9). */
import { type Clock, errorText } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';
import type { ListingContent, ListingFiles } from './listing-files.ts';

export interface PublisherDeps {
  readonly files: ListingFiles;
  /** The listing as it is now. */
  readonly content: () => Promise<ListingContent>;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Several changes at once are one writing. */
const SETTLES_MS = 1000;

export class Publisher {
  readonly #deps: PublisherDeps;
  #timer: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();
  #isStopped = false;
  /** Milliseconds of the clock; null before the first. */
  publishedAt: number | null = null;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  /** Writes it for the first time; failures are logged, and tried again with the next. */
  async start(): Promise<void> {
    await this.#publish();
  }

  /** Writes it now, also where it is the same as the last time; resolves with when that was, or null where it could not be written. */
  async publish(): Promise<number | null> {
    return (await this.#publish(true)) ? this.publishedAt : null;
  }

  /** It has changed. */
  changed(): void {
    this.#plan(SETTLES_MS);
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.();
    await this.#writing;
  }

  #plan(afterMs: number): void {
    this.#timer?.();
    if (!this.#isStopped) this.#timer = this.#deps.clock.after(afterMs, () => void this.#publish());
  }

  /** One writing after the other. Never rejects. */
  #publish(always = false): Promise<boolean> {
    const written = this.#writing.then(() => this.#write(always));
    this.#writing = written.then(() => undefined);
    return written;
  }

  async #write(always: boolean): Promise<boolean> {
    const { files, content, clock, log, intervalMs } = this.#deps;
    try {
      await files.write(await content(), new Date(clock.now()), { always });
      this.publishedAt = clock.now();
      return true;
    } catch (error) {
      log.error('the listing could not be written', { error: errorText(error) });
      return false;
    } finally {
      this.#plan(intervalMs);
    }
  }
}
