/**
 * Once a day one node goes over everything, slowly: it frees places that what they name does not have (a node died in a
 * step), and gives places back to tokens and subscriptions that a failover left without. What looks left over is looked at
 * again after a while: it may have been under way.
 */
import { HOUR, MINUTE } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';
import { bytesOf, listOf, textOfReply } from '../redis-reply.ts';
import { scanStep } from '../scan.ts';
import { notifierReference, placesOf, readNotifierValue, type SubscriptionPlace } from './subscription-places.ts';
import { readSubscriptionOf } from './subscriptions.ts';
import { free, type Holders, holdersOfDevice, leavePlace, named, type Reference, takeIfFree, type TokenEngine } from './token-engine.ts';
import { deviceIn, placeOf, type ReferenceKind } from './token-keys.ts';
import { encodeKey } from './token-values.ts';
import { deviceReference } from './tokens.ts';
import { wholeTokens } from './transfer.ts';

const KEYS_PER_STEP = 200;
const TOKENS_PER_STEP = 100;
const EVERY_MS = 20 * HOUR;
const LOOK_MS = HOUR;
const GRACE_MS = MINUTE;

export interface Tidied {
  readonly freed: number;
  readonly restored: number;
}

/** A reference as it was found. */
interface Found extends Reference {
  readonly value: Buffer;
}

export async function tidy(engine: TokenEngine, graceMs = GRACE_MS): Promise<Tidied> {
  const restored = await restore(engine);
  const left = await leftOver(engine);
  if (left.length > 0) await new Promise((resolve) => void setTimeout(resolve, graceMs).unref());
  let freed = 0;
  for (const found of left) freed += Number(await freeIfLeft(engine, found));
  return { freed, restored };
}

/** Which of all references name what does not have their place. */
async function leftOver(engine: TokenEngine): Promise<Found[]> {
  const { redis, keys } = engine;
  const left: Found[] = [];
  let cursor: string | null = null;
  do {
    const step = await scanStep(redis, { pattern: keys.allBuckets, count: KEYS_PER_STEP }, cursor);
    for (const key of step.keys) {
      const references = referencesIn(keys.kindOf(key), listOf(await redis.read(key, ['HGETALL', key])));
      const has = await Promise.all(references.map(async (found) => (await holdersOf(engine, found))?.has(found.value) ?? false));
      left.push(...references.filter((_, i) => !has[i]));
    }
    ({ cursor } = step);
  } while (cursor !== null);
  return left;
}

function referencesIn(kind: ReferenceKind, fields: ReturnType<typeof listOf>): Found[] {
  const found: Found[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const field = kind === 'd' ? textOfReply(fields[i]) : Buffer.from(bytesOf(fields[i]) ?? []);
    found.push({ kind, field, value: Buffer.from(bytesOf(fields[i + 1]) ?? []) });
  }
  return found;
}

/** Null where nobody can have it for long: it is a turn among the activations of a device. */
async function holdersOf(engine: TokenEngine, { kind, field, value }: Found): Promise<Holders | null> {
  if (typeof field === 'string') return deviceIn(field) === field ? null : holdersOfDevice(engine, field);
  if (kind === 's') return placesOf(engine, { subscriptionId: field, tokenId: value, relay: '', notifierId: field }).byId.holders;
  const { subscriptionId, tokenId } = readNotifierValue(value);
  const found = await readSubscriptionOf(engine, tokenId, subscriptionId);
  const isIts = found !== null && notifierReference(found.relay, found.notifierId).field.equals(field);
  return isIts ? placesOf(engine, found).byNotifier.holders : NOBODY;
}

const NOBODY: Holders = { has: () => Promise.resolve(false), fence: () => Promise.resolve(false) };

async function freeIfLeft(engine: TokenEngine, found: Found): Promise<boolean> {
  const holders = await holdersOf(engine, found);
  if ((await named(engine, found))?.equals(found.value) !== true || (await holders?.has(found.value)) === true) return false;
  if (holders === null || holders === NOBODY) await free(engine, found, found.value);
  else await leavePlace(engine, found, found.value, holders);
  return true;
}

/** Places that nothing has, given to what should have them; how many. */
async function restore(engine: TokenEngine): Promise<number> {
  let restored = 0;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof wholeTokens>> = await wholeTokens(engine, cursor, TOKENS_PER_STEP);
    for (const { token, subscriptions } of page.tokens) {
      const places = [
        { reference: deviceReference(placeOf(token.device, encodeKey(token.authKey))), value: Buffer.from(token.tokenId) },
        ...subscriptions.flatMap((each) => Object.values<SubscriptionPlace>(placesOf(engine, each))),
      ];
      const taken = await Promise.all(places.map(({ reference, value }) => takeIfFree(engine, reference, value)));
      restored += taken.filter(Boolean).length;
    }
    cursor = page.next;
  } while (cursor !== null);
  return restored;
}

/** Tidies if no node has in the last day. */
export class Tidying {
  private readonly engine: TokenEngine;
  private readonly log: Logger;
  private timer: NodeJS.Timeout | null = null;

  constructor(engine: TokenEngine, log: Logger) {
    this.engine = engine;
    this.log = log;
  }

  /** From the first start on, the first time is a day away: there is nothing to tidy yet. */
  async start(): Promise<void> {
    // Where it fails, as in a full Redis, a node must start all the same; tidying early does no harm.
    await this.takeTurn().catch(() => false);
    this.timer = setInterval(() => void this.tidyIfDue(), LOOK_MS).unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  private async takeTurn(): Promise<boolean> {
    const { redis, keys, node } = this.engine;
    return (await redis.write(keys.tidying, ['SET', keys.tidying, node, 'NX', 'PX', String(EVERY_MS)])) !== null;
  }

  private async tidyIfDue(): Promise<void> {
    try {
      if (!(await this.takeTurn())) return;
      const { freed, restored } = await tidy(this.engine);
      if (freed + restored > 0) this.log.info('references were put right', { freed, restored });
    } catch {
      this.log.warn('tidying was not finished: it is done again tomorrow');
    }
  }
}
