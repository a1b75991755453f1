/** Keys of messages that have not come (agent §5.6), each a record of its own, by ratchet. Names of records are not secret, so hashes stand there. */
import { sha256 } from '@polyplex/crypto';
import { MAX_SKIPPED } from '../ratchet/decrypt.ts';
import type { Ratchet, SkippedKey } from '../ratchet/state.ts';
import { sortable } from '../records/typed-records.ts';
import type { Step } from '../step.ts';

/** Of a ratchet: more than two gaps of the greatest length. */
const KEPT = 2 * MAX_SKIPPED;

export interface OfRatchet {
  readonly connectionId: string;
  readonly ratchet: Ratchet;
}

function nameOf(bytes: Uint8Array): string {
  return Buffer.from(sha256(bytes)).toString('base64url');
}

/** The associated data is of one ratchet only. */
function prefixOf({ connectionId, ratchet }: OfRatchet): string {
  return `${connectionId}/${nameOf(ratchet.associated)}/`;
}

function keyOf(of: OfRatchet, { headerKey, number }: SkippedKey): string {
  return `${prefixOf(of)}${nameOf(headerKey)}/${sortable(number)}`;
}

export function storeSkipped(step: Step, of: OfRatchet, keys: readonly SkippedKey[]): void {
  for (const key of keys) step.put('skipped', keyOf(of, key), { ...key, since: step.now });
  if (keys.length > 0) forgetOldest(step, of);
}

/** Whoever leaves out messages over and over does not fill the store, nor make each message slow. */
function forgetOldest(step: Step, of: OfRatchet): void {
  const kept = step.list('skipped', prefixOf(of));
  if (kept.length <= KEPT) return;
  const oldest = kept.toSorted((a, b) => a.value.since - b.value.since || a.value.number - b.value.number);
  for (const { key } of oldest.slice(0, kept.length - KEPT)) step.remove('skipped', key);
}

export function removeSkipped(step: Step, of: OfRatchet, key: SkippedKey): void {
  step.remove('skipped', keyOf(of, key));
}

export function skippedOf(step: Step, of: OfRatchet): SkippedKey[] {
  return step.list('skipped', prefixOf(of)).map(({ value }) => value);
}

export function forgetSkipped(step: Step, of: OfRatchet): void {
  step.removeAll('skipped', prefixOf(of));
}
