/** What cannot be sent yet waits in its order, and leaves when the connection is there (directory §2.4). */
import { batchMessages } from '@polyplex/protocol-chat';
import { keyOf } from './records/keys.ts';
import type { OutgoingMessage } from './records/records.ts';
import type { Row } from './records/typed-records.ts';
import type { Step } from './step.ts';

/** More than a peer that is away for long needs; what comes after is dropped. */
const MAX_WAITING = 500;

/** `groupId` 0 for contacts. */
export interface WaitingPlace {
  readonly groupId: number;
  readonly number: number;
}

const NO_GROUP = 0;

export function ofContact(contactId: number): WaitingPlace {
  return { groupId: NO_GROUP, number: contactId };
}

const prefixOf = ({ groupId, number }: WaitingPlace): string => `${keyOf(groupId, number)}/`;
const counterOf = (place: WaitingPlace): string => `waiting/${prefixOf(place)}`;

export function wait(step: Step, place: WaitingPlace, message: OutgoingMessage): void {
  const before = countOf(step, place);
  if (before >= MAX_WAITING) return step.ignore('too much waits for a connection');
  step.records.put('waiting', prefixOf(place) + keyOf(step.records.next('waiting')), message);
  step.records.put('counter', counterOf(place), before + 1);
}

/** Counted, since a message to many who do not read would read all that waits for each. Older records have no count. */
function countOf(step: Step, place: WaitingPlace): number {
  return step.records.get('counter', counterOf(place)) ?? step.records.list('waiting', prefixOf(place)).length;
}

export function isWaiting(step: Step, place: WaitingPlace): boolean {
  return step.records.get('counter', counterOf(place)) !== undefined || step.records.list('waiting', prefixOf(place), 1).length > 0;
}

/** What waits, the oldest first. */
export function waitingFor(step: Step, place: WaitingPlace, limit?: number): readonly Row<'waiting'>[] {
  return step.records.list('waiting', prefixOf(place), limit);
}

/** These do not wait any more. */
export function endWaits(step: Step, place: WaitingPlace, rows: readonly Pick<Row<'waiting'>, 'key'>[]): void {
  for (const { key } of rows) step.records.remove('waiting', key);
  const counted = step.records.get('counter', counterOf(place));
  if (counted === undefined) return;
  if (counted > rows.length) step.records.put('counter', counterOf(place), counted - rows.length);
  else step.records.remove('counter', counterOf(place));
}

export function forgetWaiting(step: Step, place: WaitingPlace): void {
  if (isWaiting(step, place)) endWaits(step, place, waitingFor(step, place));
}

/** Everything that waits, taken away; in batches where the peer reads them. */
export function takeWaiting(step: Step, place: WaitingPlace, batches: boolean): readonly { readonly text: string; readonly notify: boolean }[] {
  const rows = waitingFor(step, place);
  endWaits(step, place, rows);
  const messages = rows.map(({ value }) => value);
  if (!batches) return messages;
  const notify = messages.some((message) => message.notify);
  return batchMessages(messages.map(({ text }) => text)).map((text) => ({ text, notify }));
}
