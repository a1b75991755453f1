/** Which roles a listed group needs (directory §3.2, §3.4): its owner an owner who is there, the bot exactly an admin. */
import type { Group, Member, MemberStatus } from '@polyplex/chat';
import type { Role } from '@polyplex/protocol-chat';
import type { Registration } from '../records/records.ts';
import type { RoleFault } from '../texts/owner-texts.ts';
import type { Turn } from '../turn.ts';

/** Null: both are right. */
export function faultOf(ownerRole: Role, botRole: Role): RoleFault | null {
  const isOwnerGood = ownerRole === 'owner';
  if (botRole === 'admin') return isOwnerGood ? null : 'owner';
  return isOwnerGood ? 'bot' : 'both';
}

const ACTIVE: readonly MemberStatus[] = ['pending_approval', 'pending_review', 'connected', 'complete', 'creator'];
const GONE: readonly MemberStatus[] = ['rejected', 'removed', 'left', 'deleted'];

function isActive(status: MemberStatus): boolean {
  return ACTIVE.includes(status);
}

export function isGone(status: MemberStatus): boolean {
  return GONE.includes(status);
}

/** Of a channel the owner is known by its link, and there when a relay has announced it. The bot is a subscriber among others. */
export function isAnnouncedOwner({ role, status }: Member): boolean {
  return role === 'owner' && status !== 'unknown' && !isGone(status);
}

/** As roles are now; an owner who is not known or not there counts as none. */
export function presentFault({ step }: Turn, { groupId, ownerMemberId, channel }: Registration, group: Group): RoleFault | null {
  const owner = ownerMemberId === null ? undefined : step.memberById(groupId, ownerMemberId);
  if (channel !== undefined) return owner !== undefined && isAnnouncedOwner(owner) ? null : 'owner';
  return faultOf(owner !== undefined && isActive(owner.status) ? owner.role : 'unknown', group.own.role);
}
