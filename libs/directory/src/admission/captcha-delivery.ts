/**
 * Makes captchas into images and voices outside of steps: a few generators at work at once, the others wait in a bounded queue, each has a time limit.
 * What was made comes back as a step of its own, which looks whether anybody still waits for it.
 */
import type { Clock } from '@polyplex/base';
import { GENERATOR_TIMEOUT_MS, MAX_GENERATORS, MAX_WAITING_CAPTCHAS } from '../options.ts';
import { type CaptchaGenerators, type MemberPlace, readImageOutput } from './generators.ts';

export interface CaptchaJob extends MemberPlace {
  readonly form: 'image' | 'voice';
  readonly text: string;
}

/** Told of every job once: the image, null where there is none; voices are sent by their generator, and then it is `sent`. Must not reject. */
export type JobDone = (job: CaptchaJob, result: string | null) => Promise<void>;

const VOICE_SENT = 'sent';

export class CaptchaDelivery {
  readonly #generators: CaptchaGenerators;
  readonly #clock: Clock;
  readonly #done: JobDone;
  readonly #waiting: CaptchaJob[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(generators: CaptchaGenerators, clock: Clock, done: JobDone) {
    this.#generators = generators;
    this.#clock = clock;
    this.#done = done;
  }

  /** Jobs at work and waiting. */
  get size(): number {
    return this.#running.size + this.#waiting.length;
  }

  /** Where too many wait, the job is done at once, without a result. */
  begin(job: CaptchaJob): void {
    if (this.#waiting.length >= MAX_WAITING_CAPTCHAS) this.#track(this.#done(job, null));
    else this.#waiting.push(job);
    this.#next();
  }

  /** Resolves when nothing is at work or waits any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #next(): void {
    while (this.#running.size < MAX_GENERATORS && this.#waiting.length > 0) {
      const job = this.#waiting.shift()!;
      this.#track(this.#make(job));
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#running.delete(tracked);
      this.#next();
    });
    this.#running.add(tracked);
  }

  async #make(job: CaptchaJob): Promise<void> {
    let stop = (): void => undefined;
    const late = new Promise<null>((resolve) => {
      stop = this.#clock.after(GENERATOR_TIMEOUT_MS, () => resolve(null));
    });
    const result = await Promise.race([this.#generate(job), late]);
    stop();
    await this.#done(job, result);
  }

  async #generate({ form, text, groupId, memberNumber }: CaptchaJob): Promise<string | null> {
    try {
      if (form === 'image') return readImageOutput((await this.#generators.image?.(text)) ?? '');
      await this.#generators.voice?.(text, { groupId, memberNumber });
      return VOICE_SENT;
    } catch {
      return null; // whatever a program fails with, the text is there; what it said may hold the captcha
    }
  }
}
