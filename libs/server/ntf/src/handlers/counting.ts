/** Counting of what happens to devices: `apns_null` ones are none and count nowhere (NTF §6.3). */
import type { Device } from '@polyplex/store-contract';
import type { Counter } from '@polyplex/telemetry';
import { NULL_PROVIDER } from '../stats.ts';

export function countFor({ provider }: Device, ...counters: readonly Counter[]): void {
  if (provider !== NULL_PROVIDER) for (const counter of counters) counter.add();
}
