/** What waited for a member's connection leaves (directory §2.4), in order: a little at once, the rest by a task. */
import { MAX_MESSAGE_BYTES, supports } from '@polyplex/protocol-chat';
import type { Member, OutgoingMessage } from '../../records/records.ts';
import type { Row } from '../../records/typed-records.ts';
import type { Step } from '../../step.ts';
import { endWaits, waitingFor } from '../../waiting.ts';
import { isTaken, sendNow } from '../send.ts';
import { goOnIntroducing } from './pace.ts';

/** So many messages at most are read in a step, and sent in so many of the agent's. */
const SLICE = 32;
const SENT_AT_ONCE = 4;
const JSON_ARRAY_BYTES = 2;

/** As far as one step goes. */
export function flushWaiting(step: Step, { groupId, memberNumber }: Member): void {
  if (flushSlice(step, groupId, memberNumber)) step.addTask({ do: 'flush', groupId, memberNumber });
}

/** What the history tells of, which comes later. */
const IN_HISTORY: ReadonlySet<string> = new Set(['x.msg.new', 'x.msg.update', 'x.msg.del', 'x.msg.file.descr', 'x.file.cancel']);

export function forgetWaitingContent(step: Step, { groupId, memberNumber }: Member): void {
  const place = { groupId, number: memberNumber };
  endWaits(step, place, waitingFor(step, place).filter(({ value }) => IN_HISTORY.has(value.event)));
}

/** Whether there is more that can leave. When all has left, an introduction that waited for it goes on. */
export function flushSlice(step: Step, groupId: number, memberNumber: number): boolean {
  const member = step.member(groupId, memberNumber);
  if (member === undefined || !isTaken(member)) return false;
  const place = { groupId, number: memberNumber };
  const rows = waitingFor(step, place, SLICE);
  const batches = batchesOf(rows, member.role !== 'relay' && supports(member.versions, 'groupBatches'));
  for (const batch of batches.slice(0, SENT_AT_ONCE)) {
    if (!sendBatch(step, member, batch)) return false;
    endWaits(step, place, batch);
  }
  if (rows.length === SLICE || batches.length > SENT_AT_ONCE) return true;
  goOnIntroducing(step, member);
  return false;
}

/** What cannot be sent whatever comes is left out. */
function sendBatch(step: Step, member: Member, batch: readonly Row<'waiting'>[]): boolean {
  const texts = batch.map(({ value }) => value.text);
  const text = texts.length === 1 ? texts[0]! : `[${texts.join(',')}]`;
  if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES) return true;
  const sent = sendNow(step, member, { text, notify: batch.some(({ value }) => value.notify) });
  if (sent === null) return false;
  for (const { value: { event } } of batch) countSent(step, event);
  return true;
}

function countSent(step: Step, event: OutgoingMessage['event']): void {
  step.count(({ sent }) => sent.add(event));
}

function batchesOf(rows: readonly Row<'waiting'>[], areRead: boolean): readonly (readonly Row<'waiting'>[])[] {
  if (!areRead) return rows.map((row) => [row]);
  const batches: Row<'waiting'>[][] = [];
  let room = 0;
  for (const row of rows) {
    const size = Buffer.byteLength(row.value.text) + 1;
    if (size > room) {
      batches.push([]);
      room = MAX_MESSAGE_BYTES - JSON_ARRAY_BYTES + 1;
    }
    batches.at(-1)!.push(row);
    room -= size;
  }
  return batches;
}
