/**
 * Redis as the engine uses it: one step on the keys of one slot, tried again while servers are away, until it succeeds or
 * its time is up. Steps are made so that trying again does nothing twice (see the scripts).
 */
import { SECOND } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import { ErrorReply } from 'redis';
import type { Argument, ServerAddress, ServerCredentials } from './connection.ts';
import type { Reply } from './redis-reply.ts';
import { type Script, script as scriptOf } from './scripts.ts';
import { Shard, type Wait } from './shard.ts';
import { slotOf } from './slots.ts';
import { StepTimes } from './step-times.ts';
import { Topology } from './topology.ts';

export interface RedisOptions {
  readonly seeds: readonly ServerAddress[];
  readonly credentials: ServerCredentials;
  /** How long a step is tried. */
  readonly timeoutMs: number;
}

/** What waits for Redis to come back: more is refused. */
const MAX_WAITING_BYTES = 256 * 1024 * 1024;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 400;
/** Errors that pass: the cluster is failing over, a server is loading its data, keys are on their way. */
const PASSING = /^(CLUSTERDOWN|MASTERDOWN|LOADING|READONLY|TRYAGAIN|BUSY|UNKILLABLE|NOREPLICAS)/;

interface Request {
  readonly args: readonly Argument[];
  readonly slot: number;
  readonly effect: Script['effect'];
  readonly script: Script | null;
  /** False when nobody waits for it any more: then it is not tried again. */
  readonly isWanted: () => boolean;
}

/** An attempt that failed; `shard` null: there was none to ask. */
interface Failed {
  readonly shard: Shard | null;
  readonly error: unknown;
}

interface Where {
  readonly shard: Shard;
  readonly asking?: boolean;
  /** The script first. */
  readonly load?: boolean;
}

/** Longer and longer pauses until a time is over. */
class Patience {
  private readonly until: number;
  private next = FIRST_PAUSE_MS;

  constructor(timeoutMs: number) {
    this.until = performance.now() + timeoutMs;
  }

  get isOver(): boolean {
    return performance.now() + this.next > this.until;
  }

  async pause(): Promise<void> {
    const ms = this.next;
    this.next = Math.min(ms * 2, LONGEST_PAUSE_MS);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

export class Redis {
  readonly topology: Topology;
  readonly stepTimes = new StepTimes();
  private readonly timeoutMs: number;
  private waits: readonly Wait[] = [];
  private waitingBytes = 0;
  private closed = false;

  constructor({ seeds, credentials, timeoutMs }: RedisOptions) {
    this.timeoutMs = timeoutMs;
    this.topology = new Topology(seeds, (address) => {
      const shard = new Shard(address, credentials, this.stepTimes.of(address));
      shard.waitFor(this.waits);
      return shard;
    });
  }

  /** What a change has to reach before it is answered; to be called before the first one. */
  waitFor(waits: readonly Wait[]): void {
    this.waits = waits;
    for (const shard of this.topology.all) shard.waitFor(waits);
  }

  /** Runs the script `name`; its keys are all of one slot. Rejects with a `StoreError`. */
  run(name: string, keys: readonly string[], args: readonly Argument[], isWanted: () => boolean = always): Promise<Reply> {
    const script = scriptOf(name);
    return this.try({
      args: ['EVALSHA', script.sha1, String(keys.length), ...keys, ...args], slot: slotOf(keys[0]!), effect: script.effect, script, isWanted,
    });
  }

  /** A plain command that reads `key`. */
  read(key: string, args: readonly Argument[]): Promise<Reply> {
    return this.try({ args, slot: slotOf(key), effect: 'reads', script: null, isWanted: always });
  }

  /** A plain command that changes `key`. */
  write(key: string, args: readonly Argument[]): Promise<Reply> {
    return this.try({ args, slot: slotOf(key), effect: 'grows', script: null, isWanted: always });
  }

  /** One attempt of a command that blocks until something comes to `key`; rejects with anything. */
  async block(key: string, args: readonly Argument[]): Promise<Reply> {
    const slot = slotOf(key);
    const shard = this.topology.shardOf(slot);
    if (shard === null) throw storeError('UNAVAILABLE', undefined, 'no primary is known');
    try {
      return await shard.blocking.send(args);
    } catch (error) {
      this.redirect(error, slot, shard);
      await this.topology.refresh();
      throw error;
    }
  }

  /** Commands sent so far to all servers. */
  get sent(): number {
    return [...this.topology.all].reduce((sum, shard) => sum + shard.sent, 0);
  }

  /** Drops all connections. */
  destroy(): void {
    this.closed = true;
    this.topology.close();
  }

  private try(request: Request): Promise<Reply> {
    if (this.closed) return Promise.reject(storeError('UNAVAILABLE', undefined, 'the store is closed'));
    const bytes = sizeOf(request.args);
    if (this.waitingBytes + bytes > MAX_WAITING_BYTES && request.effect === 'grows') return Promise.reject(storeError('UNAVAILABLE'));
    this.waitingBytes += bytes;
    return this.attempt(request).finally(() => (this.waitingBytes -= bytes));
  }

  private attempt(request: Request): Promise<Reply> {
    // From the beginning: the one who asked has waited for the first attempt, too, and may have gone elsewhere.
    const patience = new Patience(this.timeoutMs);
    const shard = this.topology.shardOf(request.slot);
    if (shard === null) return this.again(request, patience, { shard: null, error: null });
    return send(shard, request).catch((error: unknown) => this.again(request, patience, { shard, error }));
  }

  /** Tries again and again after a first attempt that failed. */
  private async again(request: Request, patience: Patience, first: Failed): Promise<Reply> {
    for (let failed = first; ; ) {
      const where = await this.whereNext(request, failed, patience);
      try {
        if (where.load === true) await load(where.shard, request.script);
        return await send(where.shard, request, where.asking);
      } catch (error) {
        failed = { shard: where.shard, error };
      }
    }
  }

  /** At once where a server said so, else after a pause; rejects when the time is up. */
  private async whereNext(request: Request, { shard, error }: Failed, patience: Patience): Promise<Where> {
    let next = shard === null ? null : this.redirect(error, request.slot, shard);
    while (next === null) {
      if (this.closed || patience.isOver) throw storeError('UNAVAILABLE', error);
      if (!isReply(error)) this.relearn();
      await patience.pause();
      if (!request.isWanted()) throw storeError('UNAVAILABLE', error);
      const present = this.topology.shardOf(request.slot);
      next = present && { shard: present };
    }
    return next;
  }

  private relearn(): void {
    this.topology.refresh().catch(() => undefined); // the next pause does it again
  }

  /** Where to try at once after this error; null: after a pause. Throws when trying again is of no use. */
  private redirect(error: unknown, slot: number, shard: Shard): Where | null {
    if (!isReply(error)) return null;
    const { message } = error;
    const moved = /^(MOVED|ASK) \d+ (\S+)/.exec(message);
    if (moved !== null) {
      const to = this.topology.shardAt(moved[2]!, shard);
      if (moved[1] === 'ASK') return { shard: to, asking: true };
      this.topology.moved(slot, to);
      return { shard: to };
    }
    if (message.startsWith('NOSCRIPT')) return { shard, load: true };
    if (PASSING.test(message)) {
      if (!message.startsWith('TRYAGAIN')) this.relearn();
      return null;
    }
    if (message.startsWith('OOM') || message.startsWith('MISCONF')) throw storeError('FULL', error);
    throw storeError('FAILED', error, `Redis: ${message.slice(0, 200)}`);
  }
}

function always(): boolean {
  return true;
}

function send(shard: Shard, { effect, args }: Request, asking = false): Promise<Reply> {
  return effect === 'reads' || effect === 'hints' ? shard.read(args, asking) : shard.write(args, asking);
}

async function load(shard: Shard, script: Script | null): Promise<void> {
  if (script !== null) await shard.read(['SCRIPT', 'LOAD', script.source]);
}

function isReply(error: unknown): error is Error {
  return error instanceof ErrorReply;
}

function sizeOf(args: readonly Argument[]): number {
  let size = 0;
  for (const arg of args) size += arg.length;
  return size;
}

/** How long a step may be tried by default. */
export const DEFAULT_TIMEOUT_MS = 10 * SECOND;
