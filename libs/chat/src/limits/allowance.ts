/**
 * What one contact or member may say in a time (directory §1.3): more is acknowledged and passed over. So no talk between two bots goes on for
 * ever, and nobody keeps us busy, or has us pass on more than people write. What joining, leaving and moderating take is not counted: a host says
 * thousands of such things at once, and a dropped one is never made good.
 */
import type { EventName } from '@polyplex/protocol-chat';
import { type BucketSize, TokenBuckets } from './token-buckets.ts';

/** Many times what people and busy groups write. */
const MESSAGE_RATE: BucketSize = { burst: 300, perSecond: 3 };

type Counted = EventName | 'unknown';

const COUNTED: ReadonlySet<Counted> = new Set<Counted>([
  'x.msg.new', 'x.msg.update', 'x.msg.del', 'x.msg.react', 'x.msg.file.descr', 'x.file', 'x.file.acpt', 'x.file.acpt.inv', 'x.file.cancel', 'x.info', 'x.info.probe',
  'x.info.probe.check', 'x.info.probe.ok', 'x.grp.inv', 'x.grp.info', 'x.grp.prefs', 'x.grp.direct.inv', 'unknown',
]);

/** Whose messages are counted; `groupId` 0 for contacts. */
export interface Speaker {
  readonly groupId: number;
  readonly number: number;
}

/** Of all steps of a client. */
export function messageBuckets(size: BucketSize = MESSAGE_RATE): TokenBuckets {
  return new TokenBuckets(size);
}

/** Of one step, which may be run again: what it spends is spent when it is durable. */
export class Allowance {
  readonly #buckets: TokenBuckets;
  readonly #spent = new Map<string, number>();

  constructor(buckets: TokenBuckets) {
    this.#buckets = buckets;
  }

  /** Whether it is taken; `afterwards` runs what it is given when the step is durable. */
  takes(event: Counted, { groupId, number }: Speaker, { now, afterwards }: { readonly now: number; readonly afterwards: (work: () => void) => void }): boolean {
    if (!COUNTED.has(event)) return true;
    const key = `${String(groupId)}/${String(number)}`;
    const spent = (this.#spent.get(key) ?? 0) + 1;
    if (this.#buckets.tokens(key, now) < spent) return false;
    this.#spent.set(key, spent);
    afterwards(() => this.#buckets.take(key, now));
    return true;
  }
}
