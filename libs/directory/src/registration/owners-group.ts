/** The group of owners of listed groups (directory §3.2, 7; §3.5 `/invite`). */
import type { Member } from '@polyplex/chat';
import type { Registration } from '../records/records.ts';
import { OWNER_TEXTS } from '../texts/owner-texts.ts';
import { attempt, tellOwner, type Turn } from '../turn.ts';
import { isGone } from './role-rules.ts';

export type OwnersInvitation = 'invited' | 'already' | 'failed' | 'no-group';

/** Invited, or in it; who left is not. */
function isIn({ status }: Member): boolean {
  return !isGone(status) && status !== 'unknown';
}

/** The group is known by id and name, as admins are. */
export function inviteToOwnersGroup(turn: Turn, registration: Registration): OwnersInvitation {
  const known = turn.options.ownersGroup ?? null;
  const group = known === null ? undefined : turn.step.group(known.groupId);
  if (known === null) return 'no-group';
  if (group === undefined || group.localName !== known.name) return 'failed';
  const { contactId } = registration;
  const isMember = turn.step.members(group.groupId).some((member) => member.contactId === contactId && member.status !== 'invited' && isIn(member));
  if (isMember) return 'already';
  const isInvited = attempt(turn, () => (turn.step.inviteContact(group.groupId, contactId, 'member'), true));
  if (isInvited !== true) return 'failed';
  tellOwner(turn, registration, OWNER_TEXTS.invitedToOwners);
  return 'invited';
}
