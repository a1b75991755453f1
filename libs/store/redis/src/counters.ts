/**
 * The counts of the whole store. Each node gathers what its steps change and adds it to one hash from time to time, so
 * they lag, and a node that dies takes its last second along; `tidy.ts` counts anew.
 */
import { type Clock, SECOND } from '@polyplex/base';
import type { QueueRecord, StoreCounts } from '@polyplex/store-contract';
import type { Keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { listOf, numberOf, textOfReply } from './redis-reply.ts';

const FLUSH_MS = SECOND;

const NAMES = [
  'queues', 'securedQueues', 'messages', 'notifiers', 'notifications', 'recipientServiceQueues', 'notifierServiceQueues',
] as const;
export type CountName = (typeof NAMES)[number];

/** What one queue adds to the counts, its messages and notifications apart. */
export function countsOf(queue: QueueRecord | null): Readonly<Partial<Record<CountName, number>>> {
  if (queue === null) return {};
  return {
    queues: 1,
    securedQueues: Number(queue.senderKey !== null),
    notifiers: Number(queue.notifier !== null),
    recipientServiceQueues: Number(queue.serviceId !== null),
    notifierServiceQueues: Number((queue.notifier?.serviceId ?? null) !== null),
  };
}

export class Counters {
  private readonly redis: Redis;
  private readonly keys: Keys;
  private pending = new Map<CountName, number>();
  private flushing: Promise<void> | null = null;
  private readonly stop: () => void;

  constructor(redis: Redis, keys: Keys, clock: Clock) {
    this.redis = redis;
    this.keys = keys;
    this.stop = clock.every(FLUSH_MS, () => void this.flush().catch(() => undefined));
  }

  add(name: CountName, difference: number): void {
    if (difference !== 0) this.pending.set(name, (this.pending.get(name) ?? 0) + difference);
  }

  /** A queue that is new (`before` null), changed, or gone (`after` null). */
  replace(before: QueueRecord | null, after: QueueRecord | null): void {
    for (const [name, count] of Object.entries(countsOf(before))) this.add(name as CountName, -count);
    for (const [name, count] of Object.entries(countsOf(after))) this.add(name as CountName, count);
  }

  async read(): Promise<StoreCounts> {
    await this.flush();
    const [counts, roles] = await Promise.all([this.hash(this.keys.counts), this.hash(this.keys.serviceRoles)]);
    const of = (name: CountName): number => Math.max(0, counts.get(name) ?? 0);
    return {
      queues: of('queues'),
      securedQueues: of('securedQueues'),
      messages: of('messages'),
      notifiers: of('notifiers'),
      notifications: of('notifications'),
      recipientServiceQueues: of('recipientServiceQueues'),
      notifierServiceQueues: of('notifierServiceQueues'),
      recipientServices: roles.get('M') ?? 0,
      notifierServices: roles.get('N') ?? 0,
      proxyServices: roles.get('P') ?? 0,
    };
  }

  /** Puts right what was counted wrong: `counted` is what was found. */
  async correct(counted: ReadonlyMap<CountName, number>): Promise<void> {
    await this.flush();
    const counts = await this.hash(this.keys.counts);
    for (const name of NAMES) this.add(name, (counted.get(name) ?? 0) - (counts.get(name) ?? 0));
    await this.flush();
  }

  async flush(): Promise<void> {
    if (this.flushing !== null) await this.flushing;
    if (this.pending.size === 0) return;
    const differences = this.pending;
    this.pending = new Map();
    const args = [...differences].flatMap(([name, difference]) => [name, String(difference)]);
    this.flushing = this.redis.run('add-counts', [this.keys.counts], args).then(() => undefined).finally(() => (this.flushing = null));
    try {
      await this.flushing;
    } catch (error) {
      for (const [name, difference] of differences) this.add(name, difference);
      throw error;
    }
  }

  close(): void {
    this.stop();
  }

  private async hash(key: string): Promise<Map<string, number>> {
    const reply = listOf(await this.redis.read(key, ['HGETALL', key]));
    const counts = new Map<string, number>();
    for (let i = 0; i + 1 < reply.length; i += 2) counts.set(textOfReply(reply[i]), numberOf(reply[i + 1]));
    return counts;
  }
}
