/** Bounds of the pushing side. */
import { DAY, MINUTE, SECOND } from '@polyplex/base';
import { APNS_PADDED_BYTES, WEB_PUSH_PADDED_BYTES } from '@polyplex/protocol-ntf';

/** What one push service may have; a family is all of Apple's, or all of Web Push. */
export interface PlaceLimits {
  /** Pushes under way at once: to one service, and to the family. */
  readonly inFlight: number;
  readonly familyInFlight: number;
  /** Jobs that wait for one service, and for the family. */
  readonly queued: number;
  readonly familyQueued: number;
  /** Services that never took a push, or lately none: all of them together have so many under way, and each so few waiting. */
  readonly unprovenInFlight: number;
  readonly unprovenQueued: number;
}

export interface PushingOptions {
  /**
   * How long a job is this node's, also for those that `store.receive` leased. It has to be longer than a push can take, by
   * the time that a job may wait.
   */
  readonly leaseMs: number;
  /** Before a lease ends by less than this, nothing is begun under it: the longest that a push takes. */
  readonly pushMs: number;
  /** How often the store is asked for what is due, besides its hints. */
  readonly pollMs: number;
  /** Jobs taken at once. */
  readonly takeJobs: number;
  readonly apns: PlaceLimits;
  readonly webPush: PlaceLimits;
  /** Push services that are known at once. */
  readonly places: number;
  /** A push is given up after so many tries and so long; a check, which comes again anyway, after so few. */
  readonly giveUpTries: number;
  readonly giveUpAfterMs: number;
  readonly giveUpCheckTries: number;
  /** Padded sizes of what is sealed (NTF §4.7, §5.2). */
  readonly apnsPaddedBytes: number;
  readonly webPushPaddedBytes: number;
}

export const DEFAULT_PUSHING_OPTIONS: PushingOptions = {
  leaseMs: 2 * MINUTE,
  pushMs: MINUTE,
  pollMs: 2 * SECOND,
  takeJobs: 256,
  apns: { inFlight: 500, familyInFlight: 1000, queued: 4096, familyQueued: 8192, unprovenInFlight: 100, unprovenQueued: 4096 },
  webPush: { inFlight: 32, familyInFlight: 500, queued: 256, familyQueued: 4096, unprovenInFlight: 100, unprovenQueued: 32 },
  places: 4096,
  giveUpTries: 10,
  giveUpAfterMs: DAY,
  giveUpCheckTries: 2,
  apnsPaddedBytes: APNS_PADDED_BYTES,
  webPushPaddedBytes: WEB_PUSH_PADDED_BYTES,
};
