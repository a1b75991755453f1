/**
 * NEW subscriptions wait in the part of their token; beside the claims stands which parts have some of which relay, so that
 * whoever has the relay asks these alone. Where that was lost with a primary or a node, a look at all parts makes up for it.
 */
import { SECOND } from '@polyplex/base';
import { listOf, textOfReply } from '../redis-reply.ts';
import type { TokenEngine } from './token-engine.ts';
import { partName, PARTS, RELAY_ID_BYTES, relayId } from './token-keys.ts';

const LOOK_MS = 30 * SECOND;
/** NEW subscriptions of a part that are looked at for their relays. */
const LOOKED_AT = 100;

/** Parts have NEW subscriptions of a relay: whoever has it hears. */
export async function announce({ redis, keys, tellNew }: TokenEngine, relay: string, parts: readonly number[]): Promise<void> {
  const holder = await redis.run('token-relay-tell', keys.relays, [relayId(relay), relay, ...parts.map(partName)]);
  tellNew(relay, textOfReply(holder));
}

/** Tells of every relay that has NEW subscriptions, whether somebody did so before or not. */
async function look(engine: TokenEngine): Promise<void> {
  const { redis, keys } = engine;
  const partsOf = new Map<string, number[]>();
  await Promise.all(Array.from({ length: PARTS }, async (_, part) => {
    const key = keys.of(part, 'fresh');
    const members = listOf(await redis.read(key, ['ZRANGE', key, '0', String(LOOKED_AT - 1)]));
    const relays = new Set(members.map((member) => textOfReply(member).slice(0, RELAY_ID_BYTES)));
    for (const relay of relays) partsOf.set(relay, [...(partsOf.get(relay) ?? []), part]);
  }));
  for (const [id, parts] of partsOf) {
    const key = keys.of(parts[0]!, 'names');
    const text = await redis.read(key, ['HGET', key, Buffer.from(id, 'latin1')]);
    if (text instanceof Buffer) await announce(engine, text.toString(), parts);
  }
}

/** Looks now and then, and when told to. */
export class RelayNews {
  private readonly engine: TokenEngine;
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;

  constructor(engine: TokenEngine) {
    this.engine = engine;
  }

  start(): void {
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  /** Never rejects. */
  look(): Promise<void> {
    this.looking ??= look(this.engine).catch(() => undefined).finally(() => (this.looking = null));
    return this.looking;
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.looking;
  }
}
