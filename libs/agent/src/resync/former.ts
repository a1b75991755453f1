/**
 * Ratchets that were begun anew go on reading. What the other side encrypted with one of them may come late: by a second queue that is slower than the one
 * that brought the new keys, or from a lane that was stopped. They are for reading only, and the sender of a message is known by its queue in any case.
 * The reference keeps none (agent §7.7), which loses nothing on a single queue, where everything comes in order.
 */
import { DAY } from '@polyplex/base';
import { forgetSkipped } from '../messages/skipped.ts';
import type { FormerRatchet } from '../records/records.ts';
import { sortable } from '../records/typed-records.ts';
import type { Step } from '../step.ts';

/** As long as relays keep messages. */
const KEPT_MS = 21 * DAY;

/** Whoever renews keys over and over does not fill the store. */
const KEPT = 8;

export interface Former {
  readonly key: string;
  readonly value: FormerRatchet;
}

/** The latest first. */
export function formersOf(step: Step, connectionId: string): Former[] {
  return step.list('former', `${connectionId}/`).toReversed();
}

/** Puts the present ratchet aside, since another takes its place. */
export function setAside(step: Step, connectionId: string): void {
  const ratchet = step.get('ratchet', connectionId);
  if (ratchet === undefined) return;
  const formers = formersOf(step, connectionId);
  const number = Number(formers[0]?.key.slice(connectionId.length + 1) ?? 0) + 1;
  step.put('former', `${connectionId}/${sortable(number)}`, { ratchet, since: step.now });
  formers.forEach(({ key, value }, at) => {
    if (at + 1 < KEPT && step.now - value.since < KEPT_MS) return;
    step.remove('former', key);
    forgetSkipped(step, { connectionId, ratchet: value.ratchet });
  });
}
