/** What a store on a disk of this machine tells of itself. */
import type { StoreFacts } from '@polyplex/store-contract';
import type { Histogram } from '@polyplex/telemetry';

/** `isOpen`: whether steps are taken. */
export function diskFacts(seconds: Histogram, isOpen: boolean): StoreFacts {
  const shard = { name: 'disk', connected: isOpen, roomBytes: null, seconds };
  return { engine: 'embedded', shards: [shard], seconds: new Map([[shard.name, seconds]]), clockSkewSeconds: null };
}
