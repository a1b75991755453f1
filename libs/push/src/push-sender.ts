/** What every push service looks like from inside: one push to one device, one answer, never a rejection. */

export interface Push {
  /** As the token store has it: `apns_prod`, `apns_dev`, `apns_test`, `apns_null`, or `webpush https://host[:port]`. */
  readonly provider: string;
  /** As the token store has it: what goes into APNs' path, or `<path> <auth> <p256dh>` of Web Push. */
  readonly token: string;
  readonly kind: 'verification' | 'message' | 'check';
  /** The JSON object under `notificationData` (NTF §4.7, §5.2); sealed already. */
  readonly data: Readonly<Record<string, string | boolean>>;
}

/** Why a push was not delivered, for metrics, logs and the operator: a bounded set of words, no text of a service. */
export type PushCause =
  | 'bad-token' | 'wrong-topic' | 'expired' | 'unregistered' // the device
  | 'credentials' | 'topic-disallowed' | 'too-large' | 'refused' | 'nonsense' | 'not-allowed' // ours, or what it answered
  | 'busy' | 'unavailable' | 'timeout' | 'connection' | 'tls' // later
  | 'closed';

/**
 * `invalid`: the device is not known there any more. `refused`: this push will not go; another may. `retry`: later, after
 * `afterMs` where the service said so (bounded), else as the caller sees fit; `place` where the whole push service will
 * have nothing now, and not this device alone.
 */
export type PushAnswer =
  | { readonly result: 'delivered' }
  | { readonly result: 'invalid'; readonly reason: 'BAD' | 'TOPIC' | 'EXPIRED' | 'UNREGISTERED'; readonly cause: PushCause }
  | { readonly result: 'refused'; readonly cause: PushCause }
  | { readonly result: 'retry'; readonly afterMs: number | null; readonly cause: PushCause; readonly place: boolean };

export interface PushSender {
  /** Resolves in bounded time, also when the service never answers. */
  send(push: Push): Promise<PushAnswer>;
  /**
   * Where this push would go, as a key for queues: pushes of different places never wait for each other. `apns_prod`, or the
   * origin of a Web Push endpoint. The number of places is bounded by whoever makes queues of them.
   */
  placeOf(push: Pick<Push, 'provider' | 'token'>): string;
  close(): Promise<void>;
}
