/** A few subscriptions of this session that the relay confirmed: by one of them a probe finds out where the address leads. */
import { equalBytes } from '@polyplex/base';
import type { SubscriptionRecord } from '@polyplex/store-contract';

const KEPT = 4;

export class Canaries {
  private list: SubscriptionRecord[] = [];

  add(record: SubscriptionRecord): void {
    if (this.has(record.notifierId)) return;
    if (this.list.length === KEPT) this.list.shift();
    this.list.push(record);
  }

  has(notifierId: Uint8Array): boolean {
    return this.list.some((canary) => equalBytes(canary.notifierId, notifierId));
  }

  remove(notifierId: Uint8Array): void {
    this.list = this.list.filter((canary) => !equalBytes(canary.notifierId, notifierId));
  }

  /** The newest first. */
  get all(): readonly SubscriptionRecord[] {
    return this.list.toReversed();
  }
}
