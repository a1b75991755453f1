/**
 * Nothing that is remembered for a time grows without bound: what is too old is forgotten, a little in each step, so that nothing else waits for it
 * (agent §7.3, §7.7, §7.8).
 */
import { DAY, HOUR } from '@polyplex/base';
import { deleteNow } from './connect/delete-connection.ts';
import type { AgentContext } from './context.ts';
import type { Kinds } from './records/records.ts';

/** As long as relays keep messages. */
const KEPT_MS = 21 * DAY;
const LAST_WORDS_MS = 2 * DAY;
const PERIOD_MS = HOUR;
/** Everything is looked through once a day. */
const LONG_PERIOD = 24;
const PER_STEP = 200;

type Aging = 'seen' | 'keys' | 'sent' | 'skipped';

/** Hashes of what was read, keys that were used, what receipts are for, and keys of messages that never came. */
const OF_CONNECTIONS: readonly Aging[] = ['seen', 'keys', 'sent', 'skipped'];

export class Upkeep {
  readonly #context: AgentContext;
  readonly #onFailure: (error: unknown) => void;
  #cancel: (() => void) | null = null;
  #rounds = 0;
  #isRunning = false;

  constructor(context: AgentContext, onFailure: (error: unknown) => void) {
    this.#context = context;
    this.#onFailure = onFailure;
  }

  start(): void {
    this.#cancel ??= this.#context.clock.every(PERIOD_MS, () => this.#begin());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  /** One at a time. */
  #begin(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#round(this.#rounds++ % LONG_PERIOD === 0).catch(this.#onFailure).finally(() => (this.#isRunning = false));
  }

  async #round(isLong: boolean): Promise<void> {
    await this.#endConnections();
    if (!isLong) return;
    const connections = this.#context.read((records) => records.list('connection').map(({ key }) => key));
    for (const connectionId of connections) {
      for (const kind of OF_CONNECTIONS) await this.#forget(kind, `${connectionId}/`, sinceOf);
    }
    await this.#forget('opened', '', ({ since }) => since);
    await this.#forget('file', '', ({ state, since }) => (state === 'sent' || state === 'received' || state === 'failed' ? since : Infinity));
  }

  /** Who was to be deleted after sending, and to whom nothing could be sent. */
  async #endConnections(): Promise<void> {
    const context = this.#context;
    const over = context.read((records) => records.list('ending').filter(({ value }) => context.clock.now() - value >= LAST_WORDS_MS));
    for (const { key } of over) {
      if (this.#cancel === null) return;
      await context.change((step) => {
        if (step.get('ending', key) !== undefined) deleteNow(step, key);
      });
    }
  }

  async #forget<K extends keyof Kinds>(kind: K, prefix: string, since: (value: Kinds[K]) => number): Promise<void> {
    const context = this.#context;
    const old = context.read((records) => records.list(kind, prefix).filter(({ value }) => context.clock.now() - since(value) >= KEPT_MS).map(({ key }) => key));
    for (let at = 0; at < old.length && this.#cancel !== null; at += PER_STEP) {
      await context.change((step) => {
        for (const key of old.slice(at, at + PER_STEP)) step.remove(kind, key);
      });
    }
    // Others have their turn.
    await new Promise(setImmediate);
  }
}

function sinceOf(value: Kinds[Aging]): number {
  return typeof value === 'number' ? value : value.since;
}
