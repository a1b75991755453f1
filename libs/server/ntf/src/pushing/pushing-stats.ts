/** What the pushing side counts besides the reference's counters: by push service's kind, which is a closed set. */
import type { PushCause } from '@polyplex/push';
import { Counter, CounterFamily, HistogramFamily } from '@polyplex/telemetry';

export const PROVIDER_KINDS = ['apns_prod', 'apns_dev', 'apns_test', 'apns_null', 'webpush', 'other'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** `webpush https://…` is `webpush`. */
export function providerKind(provider: string): ProviderKind {
  if (provider.startsWith('webpush ')) return 'webpush';
  return PROVIDER_KINDS.find((kind) => kind === provider) ?? 'other';
}

/** From a message's coming due to its push's being taken: up to an hour, since services may be down. */
const DELAY_BOUNDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

/** What an answer came to: the cause of all that is not delivered. */
export type AnswerWord = 'delivered' | PushCause;

export class PushingStats {
  /** Answers of push services; pushes that were not tried do not count. */
  readonly answers = new Map<ProviderKind, CounterFamily<AnswerWord>>();
  /** Seconds for which a push service let us wait, whatever it answered. */
  readonly sendSeconds = new HistogramFamily<ProviderKind>();
  /** Seconds from when something became due until its push was taken. */
  readonly delaySeconds = new HistogramFamily<ProviderKind>(DELAY_BOUNDS);
  /** Jobs given back untried: the service's queue is full, or the service paused. */
  readonly deferred = new Counter();
  /** Pushes that will be tried again, and those given up. */
  readonly retries = new Counter();
  readonly givenUp = new Counter();
  /** Times that a push service was left alone for a while. */
  readonly pauses = new Counter();
  /** Jobs that could not be settled while they were leased: they are pushed again. */
  readonly unsettled = new Counter();
  readonly storeFailures = new Counter();

  answered(kind: ProviderKind, word: AnswerWord): void {
    let family = this.answers.get(kind);
    if (family === undefined) this.answers.set(kind, (family = new CounterFamily()));
    family.add(word);
  }
}
