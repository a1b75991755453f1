/**
 * Which server is the primary of which slot. A single server is a topology of one shard. Learned from any server that is
 * known, again whenever something shows that it has changed; shards that are no longer primaries are closed.
 */
import { SECOND } from '@polyplex/base';
import type { ServerAddress } from './connection.ts';
import { listOf, numberOf, type Reply, textOfReply } from './redis-reply.ts';
import type { Shard } from './shard.ts';
import { SLOTS } from './slots.ts';

const REFRESH_PAUSE_MS = 200;
/** A server that was left keeps its connections for a while: steps may be on their way. */
const CLOSE_AFTER_MS = 15 * SECOND;

interface Range {
  readonly from: number;
  readonly to: number;
  readonly address: string;
}

export class Topology {
  private readonly makeShard: (address: ServerAddress) => Shard;
  private readonly seeds: readonly ServerAddress[];
  private readonly shards = new Map<string, Shard>();
  private slots = new Array<Shard | null>(SLOTS).fill(null);
  private layout = '';
  private refreshing: Promise<void> | null = null;
  private refreshedAt = -Infinity;
  isCluster = false;
  /** Called when slots have another primary than before. */
  onChange: () => void = () => undefined;

  constructor(seeds: readonly ServerAddress[], makeShard: (address: ServerAddress) => Shard) {
    this.seeds = seeds;
    this.makeShard = makeShard;
  }

  /** Null while no primary of the slot is known. */
  shardOf(slot: number): Shard | null {
    return this.slots[slot] ?? null;
  }

  /** Every primary that has slots. */
  get primaries(): readonly Shard[] {
    return [...new Set(this.slots)].filter((shard) => shard !== null);
  }

  /** Every server that was talked to. */
  get all(): Iterable<Shard> {
    return this.shards.values();
  }

  /** The server at an address that a redirection names; `host` may be missing. */
  shardAt(redirection: string, from: Shard): Shard {
    const colon = redirection.lastIndexOf(':');
    return this.at({ host: redirection.slice(0, colon) || from.address.host, port: Number(redirection.slice(colon + 1)) });
  }

  /** A redirection said where the slot is now. */
  moved(slot: number, shard: Shard): void {
    if (this.slots[slot] === shard) return;
    this.slots[slot] = shard;
    this.refresh().catch(() => undefined);
  }

  /** Asks around until some server tells the layout; at most a few times a second. Rejects when none does. */
  refresh(): Promise<void> {
    this.refreshing ??= this.learn().finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  close(): void {
    for (const shard of this.shards.values()) shard.close();
  }

  private at(address: ServerAddress): Shard {
    const key = keyOf(address);
    let shard = this.shards.get(key);
    if (shard === undefined) {
      shard = this.makeShard(address);
      shard.onLost(() => void this.refresh().catch(() => undefined));
      this.shards.set(key, shard);
    }
    return shard;
  }

  private async learn(): Promise<void> {
    const pause = this.refreshedAt + REFRESH_PAUSE_MS - performance.now();
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    this.refreshedAt = performance.now();
    const known = [...this.shards.values()].toSorted((a, b) => Number(b.connected) - Number(a.connected));
    const seeds = this.seeds.filter((seed) => !this.shards.has(keyOf(seed))).map((seed) => this.at(seed));
    let failure: unknown = new Error('no server answers');
    for (const shard of [...known, ...seeds]) {
      try {
        if (this.take(await layoutOf(shard), shard)) return;
        failure = new Error('no server knows a primary for every slot: the cluster is not formed yet (redis-cli --cluster create), or a primary is away');
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** False for the layout of a server that sees no whole cluster. */
  private take(ranges: readonly Range[] | null, from: Shard): boolean {
    this.isCluster = ranges !== null;
    const slots = new Array<Shard | null>(SLOTS).fill(ranges === null ? from : null);
    for (const { from: first, to, address } of ranges ?? []) slots.fill(this.shardAt(address, from), first, to + 1);
    if (slots.every((shard) => shard === null)) return false;
    const layout = ranges === null ? keyOf(from.address) : ranges.map((range) => `${String(range.from)} ${range.address}`).toSorted().join();
    const changed = this.layout !== '' && this.layout !== layout;
    this.layout = layout;
    this.slots = slots;
    this.retire();
    if (changed) this.onChange();
    return true;
  }

  private retire(): void {
    const used = new Set(this.slots);
    for (const [key, shard] of this.shards) {
      if (used.has(shard)) continue;
      setTimeout(() => {
        if (this.slots.includes(shard)) return;
        this.shards.delete(key);
        shard.close();
      }, CLOSE_AFTER_MS).unref();
    }
  }
}

function keyOf({ host, port }: ServerAddress): string {
  return `${host}:${String(port)}`;
}

/** The ranges of slots as this server sees them; null for a server that is no cluster. */
async function layoutOf(shard: Shard): Promise<readonly Range[] | null> {
  let reply: Reply;
  try {
    reply = await shard.read(['CLUSTER', 'SLOTS']);
  } catch (error) {
    if (error instanceof Error && /cluster support disabled/i.test(error.message)) return null;
    throw error;
  }
  return listOf(reply).map((range) => {
    const [from, to, primary] = listOf(range);
    const [host, port] = listOf(primary);
    return { from: numberOf(from), to: numberOf(to), address: `${textOfReply(host)}:${String(numberOf(port))}` };
  });
}
