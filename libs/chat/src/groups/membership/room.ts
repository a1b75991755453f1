/** How many members a group may have here: whoever runs one could announce any number. */
import { ChatError } from '../../chat-error.ts';
import { keyOf } from '../../records/keys.ts';
import type { Step } from '../../step.ts';

/** All that ever were; ten times the largest groups. */
const MAX_MEMBERS = 200_000;

/** Throws PROHIBITED where there is none. */
export function hasRoom(step: Step, groupId: number): void {
  if (step.records.counter(`member/${keyOf(groupId)}`) >= MAX_MEMBERS) throw new ChatError('PROHIBITED', 'the group has no room');
}
