/**
 * What a relay said of subscriptions, on its way into the store: in the order in which it was said, whatever fails
 * meanwhile, since a late ACTIVE over an END would make a subscription look alive for ever.
 */
import { idKey, type IdKey } from '@polyplex/base';
import type { SubscriptionChange } from '@polyplex/store-contract';
import type { LinkContext } from './link-context.ts';
import type { Reading } from './reading.ts';
import { untilStored } from './until-stored.ts';

const BATCH = 512;

export class StatusWriter {
  private readonly link: LinkContext;
  private readonly reading: Reading;
  private waiting: SubscriptionChange[] = [];
  private working: Promise<void> | null = null;
  private stopped = false;

  constructor(link: LinkContext, reading: Reading) {
    this.link = link;
    this.reading = reading;
  }

  /** Resolves when these and all before are stored; or not, after `stop`. */
  async write(changes: readonly SubscriptionChange[]): Promise<void> {
    if (changes.length === 0 || this.stopped) return;
    this.waiting.push(...changes);
    this.reading.wait(changes.length);
    this.working ??= this.work();
    await this.working;
  }

  /** Nothing is written from now on: the relay is another node's. */
  stop(): void {
    this.stopped = true;
    this.reading.wait(-this.waiting.splice(0).length);
  }

  private async work(): Promise<void> {
    const { store, relay } = this.link;
    const wanted = (): boolean => !this.stopped;
    while (this.waiting.length > 0) {
      const taken = this.waiting.splice(0, BATCH);
      const changes = latest(taken);
      await untilStored(() => store.changeSubscriptions(relay, changes), this.link.insist(wanted));
      this.reading.wait(-taken.length);
    }
    this.working = null;
  }
}

/** One change for each subscription. */
function latest(changes: readonly SubscriptionChange[]): readonly SubscriptionChange[] {
  const byId = new Map<IdKey, SubscriptionChange>();
  for (const change of changes) {
    const key = idKey(change.notifierId);
    byId.set(key, { ...byId.get(key), ...change });
  }
  return [...byId.values()];
}
