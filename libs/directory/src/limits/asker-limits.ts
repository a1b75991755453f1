/**
 * What one contact can cost: a bucket of answers that fills again, and no conversation with another bot. Kept in memory, changed at once: a step that
 * is run again counts twice, which only errs on the side of less.
 */
import { MINUTE, SECOND } from '@polyplex/base';

/** Answers at once, and how often there is another. */
interface Bucket {
  readonly burst: number;
  readonly refillMs: number;
}

/** For a while, and for a day: a program that does not say that it is one goes on and on. */
const BUCKETS = {
  person: [{ burst: 20, refillMs: 3 * SECOND }, { burst: 500, refillMs: 3 * MINUTE }],
  /** Enough to find a group, too few to keep two bots talking. */
  bot: [{ burst: 5, refillMs: 12 * MINUTE }],
  /** Channels: the link of each card is read over the network. */
  card: [{ burst: 5, refillMs: MINUTE }, { burst: 30, refillMs: 30 * MINUTE }],
  /** Notices about a group that changes again and again. */
  group: [{ burst: 10, refillMs: 10 * MINUTE }],
} as const satisfies Readonly<Record<string, readonly Bucket[]>>;
/** The same text again and again is answered so often in a row. */
const MAX_REPEATS = 5;
const REPEATS_WITHIN_MS = MINUTE;
/** Contacts remembered; beyond it, so many of the longest silent ones are forgotten at once: one at a time would look through all that went before. */
const MAX_CONTACTS = 20_000;
const FORGOTTEN_AT_ONCE = 2000;

interface Asker {
  /** In the order of its buckets. */
  tokens: readonly number[];
  at: number;
  /** It has been told that it is too fast. */
  isTold: boolean;
  /** Of the last text: the text itself would be kept whole for a piece of it. */
  lastHash: number;
  repeats: number;
  repeatedSince: number;
}

/** `slow-down`: the first one that is not answered, which is said; `rate` after it. */
export type Allowance = 'answer' | 'slow-down' | 'rate' | 'bot' | 'repeated';

export interface Asking {
  readonly key: string;
  readonly now: number;
  readonly kind: keyof typeof BUCKETS;
  /** Null where repeating is what it is for. */
  readonly text: string | null;
}

const COMPARED_CHARACTERS = 200;

/** FNV-1a of the beginning, with the length. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 ^ text.length;
  for (let at = 0; at < Math.min(text.length, COMPARED_CHARACTERS); at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

export class AskerLimits {
  readonly #askers = new Map<string, Asker>();

  /** How many are remembered. */
  get size(): number {
    return this.#askers.size;
  }

  take({ key, now, kind, text }: Asking): Allowance {
    const buckets: readonly Bucket[] = BUCKETS[kind];
    const asker = this.#asker(key, now);
    const passed = Math.max(0, now - asker.at);
    const tokens = buckets.map(({ burst, refillMs }, i) => Math.min(burst, (asker.tokens[i] ?? burst) + passed / refillMs));
    asker.at = now;
    asker.tokens = tokens;
    if (text !== null && this.#isRepeated(asker, hashOf(text), now)) return 'repeated';
    if (tokens.every((left) => left >= 1)) {
      asker.tokens = tokens.map((left) => left - 1);
      asker.isTold = false;
      return 'answer';
    }
    if (kind === 'bot') return 'bot';
    if (asker.isTold) return 'rate';
    asker.isTold = true;
    return 'slow-down';
  }

  #isRepeated(asker: Asker, hash: number, now: number): boolean {
    if (asker.lastHash !== hash || now - asker.repeatedSince > REPEATS_WITHIN_MS) {
      asker.lastHash = hash;
      asker.repeats = 0;
      asker.repeatedSince = now;
    }
    asker.repeats += 1;
    return asker.repeats > MAX_REPEATS;
  }

  #asker(key: string, now: number): Asker {
    const known = this.#askers.get(key) ?? { tokens: [], at: now, isTold: false, lastHash: 0, repeats: 0, repeatedSince: now };
    this.#askers.delete(key);
    this.#askers.set(key, known);
    if (this.#askers.size > MAX_CONTACTS) this.#forget();
    return known;
  }

  #forget(): void {
    let forgotten = 0;
    for (const key of this.#askers.keys()) {
      this.#askers.delete(key);
      forgotten += 1;
      if (forgotten === FORGOTTEN_AT_ONCE) return;
    }
  }
}
