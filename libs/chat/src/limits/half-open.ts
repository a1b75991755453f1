/**
 * Those who have asked, at our address or at a group's link, and were never heard of again: each costs a queue and records. They are bounded in
 * number, and forgotten in time. `groupId` 0 for contacts.
 */
import { DAY, SECOND } from '@polyplex/base';
import { keyOf, sortable } from '../records/keys.ts';
import type { Step } from '../step.ts';

/** Of one address or link: what comes after is passed over, and may come again. */
const MAX_HALF_OPEN = 10_000;
/** Longer than an app that is away needs, and than we try to answer. */
const FORGOTTEN_AFTER_MS = 14 * DAY;
/** Contacts in all. */
const MAX_CONTACTS = 500_000;
/** Current members of a group that others may join by a link of ours. */
const MAX_GROUP_MEMBERS = 200_000;

interface HalfOpen {
  readonly groupId: number;
  readonly number: number;
  /** When it was made; Unix milliseconds. */
  readonly createdAt: number;
}

const counterOf = (groupId: number): string => `half-open/${String(groupId)}`;

function placeOf({ groupId, number, createdAt }: HalfOpen): string {
  return `${sortable(Math.floor(createdAt / SECOND))}/${keyOf(groupId, number)}`;
}

/** Whether another may ask at our address. */
export function hasRoomForContact(step: Step): boolean {
  return step.records.counter(counterOf(0)) < MAX_HALF_OPEN && step.records.counter('contacts') < MAX_CONTACTS;
}

/** Whether another may ask at the link of a group. */
export function hasRoomForMember(step: Step, { groupId, currentMembers }: { readonly groupId: number; readonly currentMembers: number }): boolean {
  return step.records.counter(counterOf(groupId)) < MAX_HALF_OPEN && currentMembers < MAX_GROUP_MEMBERS;
}

/** It has asked. */
export function beginHalfOpen(step: Step, one: HalfOpen): void {
  step.records.put('half-open', placeOf(one), { groupId: one.groupId, number: one.number });
  step.records.add(counterOf(one.groupId), 1);
}

/** It is connected, or gone. */
export function endHalfOpen(step: Step, one: HalfOpen): void {
  const place = placeOf(one);
  if (step.records.get('half-open', place) === undefined) return;
  step.records.remove('half-open', place);
  step.records.add(counterOf(one.groupId), -1);
}

/** Those of long ago, the oldest first: they are as good as gone. */
export function oldHalfOpen(step: Step, atMost: number): readonly Pick<HalfOpen, 'groupId' | 'number'>[] {
  const oldest = sortable(Math.floor((step.now - FORGOTTEN_AFTER_MS) / SECOND));
  const old = step.records.list('half-open', '', atMost).filter(({ key }) => key < oldest);
  for (const { key, value: { groupId } } of old) {
    step.records.remove('half-open', key);
    step.records.add(counterOf(groupId), -1);
  }
  return old.map(({ value }) => value);
}
