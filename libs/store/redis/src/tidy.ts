/**
 * Once a day one node goes over everything, slowly: it frees ids whose queue does not know them (a creation that failed
 * half-way, a node that died in a step), takes queues out of the sets of services that they do not belong to, and counts
 * anew what dying nodes did not. What looks left over is looked at again after a while: it may have been under way.
 */
import { equalBytes, fromBase64Url, HOUR, MINUTE } from '@polyplex/base';
import { type CountName, countsOf } from './counters.ts';
import type { Engine } from './engine.ts';
import { given, recordOf } from './records.ts';
import { knows } from './references.ts';
import { bytesOf, listOf, numberOf, type Reply, textOfReply } from './redis-reply.ts';
import { scanStep } from './scan.ts';

const KEYS_PER_STEP = 500;
const EVERY_MS = 20 * HOUR;
const GRACE_MS = MINUTE;

export interface Tidied {
  readonly references: number;
  readonly members: number;
}

/** From the first start on, the first time is a day away: there is nothing to tidy yet. */
export async function scheduleTidying({ redis, keys, node }: Pick<Engine, 'redis' | 'keys' | 'node'>): Promise<void> {
  // Where it fails, as in a full Redis, a node must start all the same; tidying early does no harm.
  await takeTurn({ redis, keys, node }).catch(() => false);
}

/** Whether nobody has had the turn in the last day. */
async function takeTurn({ redis, keys, node }: Pick<Engine, 'redis' | 'keys' | 'node'>): Promise<boolean> {
  const key = keys.lease('tidy');
  return (await redis.write(key, ['SET', key, node, 'NX', 'PX', String(EVERY_MS)])) !== null;
}

/** Goes over everything if no node has in the last day. Never rejects. */
export async function tidyIfDue(engine: Engine): Promise<void> {
  const { log } = engine;
  try {
    if (!(await takeTurn(engine))) return;
    const { references, members } = await tidy(engine);
    if (references + members > 0) log.info('left-over entries were removed', { references, members });
  } catch {
    log.warn('tidying was not finished: it is done again tomorrow');
  }
}

export async function tidy(engine: Engine, graceMs = GRACE_MS): Promise<Tidied> {
  await recount(engine);
  const orphans = await all(engine, engine.keys.allReferences, (key) => isOrphan(engine, key));
  const strays = (await all(engine, engine.keys.allServiceQueues, (key) => straysOf(engine, key))).flatMap(({ key, found }) => found.map((member) => ({ key, member })));
  if (orphans.length + strays.length > 0) await new Promise((resolve) => void setTimeout(resolve, graceMs).unref());
  let references = 0;
  for (const { key } of orphans) {
    const holder = await isOrphan(engine, key);
    if (holder === null) continue;
    await engine.redis.run('free', [key], [given(holder)]);
    references++;
  }
  let members = 0;
  for (const { key, member } of strays) {
    if (await belongs(engine, key, member)) continue;
    members += numberOf(await engine.redis.write(key, ['SREM', key, given(member)]));
  }
  return { references, members };
}

/** What `find` finds of the keys of a pattern; null is nothing. */
async function all<T>(engine: Engine, pattern: string, find: (key: string) => Promise<T | null>): Promise<{ readonly key: string; readonly found: T }[]> {
  const results: { key: string; found: T }[] = [];
  let cursor: string | null = null;
  do {
    const step = await scanStep(engine.redis, { pattern, count: KEYS_PER_STEP }, cursor);
    const found = await Promise.all(step.keys.map(find));
    step.keys.forEach((key, i) => {
      const one = found[i];
      if (one !== null && one !== undefined) results.push({ key, found: one });
    });
    cursor = step.cursor;
  } while (cursor !== null);
  return results;
}

/** The queue that the reference names, if that does not know it; else null. */
async function isOrphan(engine: Engine, key: string): Promise<Uint8Array | null> {
  const { redis, keys } = engine;
  const reference = keys.referenceOf(key);
  const recipientId = bytesOf(await redis.read(key, ['GET', key]));
  if (reference === null || recipientId === null) return null;
  const record = await readRecord(engine, recipientId);
  return record !== null && knows(record, reference) ? null : recipientId;
}

async function readRecord({ redis, keys }: Engine, recipientId: Uint8Array) {
  const key = keys.queue(recipientId);
  return recordOf(recipientId, await redis.read(key, ['HGETALL', key]));
}

/** Members of a service's set that are not its own; null for none. */
async function straysOf(engine: Engine, key: string): Promise<Uint8Array[] | null> {
  const strays: Uint8Array[] = [];
  let cursor = '0';
  do {
    const [next, members]: readonly Reply[] = listOf(await engine.redis.read(key, ['SSCAN', key, cursor, 'COUNT', String(KEYS_PER_STEP)]));
    const ids = listOf(members).map((member) => bytesOf(member)).filter((id) => id !== null);
    const own = await Promise.all(ids.map((id) => belongs(engine, key, id)));
    strays.push(...ids.filter((_, i) => own[i] === false));
    cursor = textOfReply(next);
  } while (cursor !== '0');
  return strays.length === 0 ? null : strays;
}

async function belongs(engine: Engine, key: string, recipientId: Uint8Array): Promise<boolean> {
  const record = await readRecord(engine, recipientId);
  const serviceId = fromBase64Url(engine.keys.ownerOf(key));
  const ofQueue = key.endsWith(':M') ? record?.serviceId : record?.notifier?.serviceId;
  return serviceId !== null && ofQueue !== undefined && ofQueue !== null && equalBytes(ofQueue, serviceId);
}

/** Counts all queues; what changes meanwhile may be counted twice or not at all, until the next day. */
async function recount(engine: Engine): Promise<void> {
  const { redis, keys, counters } = engine;
  const sums = new Map<CountName, number>();
  const add = (name: CountName, count: number): void => void sums.set(name, (sums.get(name) ?? 0) + count);
  await all(engine, keys.pattern('q'), async (key) => {
    const id = fromBase64Url(keys.ownerOf(key));
    if (id === null) return null;
    const [record, messages, notifications] = await Promise.all([
      readRecord(engine, id), redis.read(keys.messages(id), ['LLEN', keys.messages(id)]), redis.read(keys.notifications(id), ['LLEN', keys.notifications(id)]),
    ]);
    for (const [name, count] of Object.entries(countsOf(record))) add(name as CountName, count);
    add('messages', numberOf(messages));
    add('notifications', numberOf(notifications));
    return null;
  });
  await counters.correct(sums);
}
