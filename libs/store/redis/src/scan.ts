/** A walk over the keys of all primaries in bounded steps. A cursor names the primary by its place in the layout. */
import { storeError } from '@polyplex/store-common';
import type { Redis } from './redis.ts';
import { listOf, textOfReply } from './redis-reply.ts';

export interface ScanStep {
  readonly keys: readonly string[];
  readonly cursor: string | null;
}

/** Keys of this type and pattern; `cursor` null begins. A layout that changes on the way may hide some until the next walk. */
export async function scanStep(redis: Redis, { pattern, count }: { readonly pattern: string; readonly count: number }, cursor: string | null): Promise<ScanStep> {
  const found = /^(\d{1,5})-(\d{1,20})$/.exec(cursor ?? '0-0');
  if (found === null) throw storeError('FAILED', undefined, 'not a cursor of this store');
  const place = Number(found[1]);
  const primaries = redis.topology.primaries.toSorted((a, b) => a.address.port - b.address.port || a.address.host.localeCompare(b.address.host));
  const shard = primaries[place];
  if (shard === undefined) return { keys: [], cursor: null };
  let reply;
  try {
    reply = listOf(await shard.read(['SCAN', found[2]!, 'MATCH', pattern, 'COUNT', String(count)]));
  } catch (error) {
    throw storeError('UNAVAILABLE', error);
  }
  const next = textOfReply(reply[0]);
  const keys = listOf(reply[1]).map((key) => textOfReply(key));
  if (next !== '0') return { keys, cursor: `${String(place)}-${next}` };
  return { keys, cursor: place + 1 < primaries.length ? `${String(place + 1)}-0` : null };
}
