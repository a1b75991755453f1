/** Notices about a group that changes again and again: after some, one sums up what became of it. */
import { ADMIN_TEXTS } from '../texts/admin-texts.ts';
import { OWNER_TEXTS } from '../texts/owner-texts.ts';
import { count, tellAdmins, tellOwner, type Turn } from '../turn.ts';
import { liveRegistration } from './change.ts';
import { submit } from './joined.ts';

function isWithinLimits({ limits, step }: Turn, groupId: number): boolean {
  return limits.take({ key: `group ${groupId}`, now: step.now, kind: 'group', text: null }) === 'answer';
}

/** False: what changed is said later, by `sendUnsent`. */
export function mayNotify(turn: Turn, groupId: number): boolean {
  if (isWithinLimits(turn, groupId)) return true;
  turn.step.afterwards(() => turn.unsent.add(groupId));
  count(turn, ({ unanswered }) => unanswered.add('rate'));
  return false;
}

/** Now and then. */
export function sendUnsent(turn: Turn): void {
  for (const groupId of turn.unsent) {
    if (!isWithinLimits(turn, groupId)) continue;
    turn.step.afterwards(() => turn.unsent.delete(groupId));
    sumUp(turn, groupId);
  }
}

function sumUp(turn: Turn, groupId: number): void {
  const registration = liveRegistration(turn, groupId);
  const group = turn.step.group(groupId);
  if (registration === undefined || group === undefined) return;
  tellOwner(turn, registration, OWNER_TEXTS.changedOften(registration));
  tellAdmins(turn, [ADMIN_TEXTS.changedOften(registration, registration)]);
  if (registration.state === 'pending_approval') submit(turn, registration, group);
}
