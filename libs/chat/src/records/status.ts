/** Statuses by class (directory §2.5). */
import { isAtLeast } from '@polyplex/protocol-chat';
import type { Member, MemberStatus } from './records.ts';

const CURRENT: ReadonlySet<MemberStatus> = new Set(['introduced', 'intro-inv', 'accepted', 'announced', 'connected', 'complete', 'creator']);
const PENDING: ReadonlySet<MemberStatus> = new Set(['pending_approval', 'pending_review']);
const REMOVED: ReadonlySet<MemberStatus> = new Set(['rejected', 'removed', 'left', 'deleted']);
const ACTIVE: ReadonlySet<MemberStatus> = new Set(['pending_approval', 'pending_review', 'connected', 'complete', 'creator']);

/** Counts as a member of the group. */
export function isCurrent({ status }: { readonly status: MemberStatus }): boolean {
  return CURRENT.has(status);
}

/** Has joined, and waits to be let in. */
export function isPending({ status }: { readonly status: MemberStatus }): boolean {
  return PENDING.has(status);
}

export function isRemoved({ status }: { readonly status: MemberStatus }): boolean {
  return REMOVED.has(status);
}

export function isActive({ status }: { readonly status: MemberStatus }): boolean {
  return ACTIVE.has(status);
}

export function isModerator({ role }: Pick<Member, 'role'>): boolean {
  return isAtLeast(role, 'moderator');
}
