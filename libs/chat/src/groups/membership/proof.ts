/**
 * Whether what a member says was said by it. In a channel (directory §3.8) relays pass on what they like, so what changes it has to be signed. In other groups nothing
 * has to be (directory §1.5); what is signed there all the same counts only if the key is the one that was seen first.
 */
import { channelBinding, type EventName, isAtLeast, isSignedBy, memberBinding, mustBeSigned, parseMemberKey, type SignedBytes } from '@polyplex/protocol-chat';
import type { Group, Member } from '../../records/records.ts';

const WRONG = 'a wrong signature';

/** These end or change nobody but who says them. */
const OF_ITSELF: ReadonlySet<EventName> = new Set(['x.grp.leave', 'x.info']);

/** Of plain members we are told no keys; what they say of themselves concerns nobody else. */
function mayBeUnproven({ own }: Group, author: Member, event: EventName): boolean {
  return OF_ITSELF.has(event) && author.role !== 'relay' && !isAtLeast(author.role, 'moderator') && !isAtLeast(own.role, 'moderator');
}

/** Why it is passed over; null: it is not. A wrong signature is never taken, whatever is said. */
export function unproven(group: Group & Required<Pick<Group, 'channel'>>, author: Member, { event, signed }: { readonly event: EventName; readonly signed: SignedBytes | null }): string | null {
  if (signed === null) return mustBeSigned(event) ? 'not signed, and has to be' : null;
  const key = author.key === undefined ? null : parseMemberKey(author.key);
  if (key === null) return mustBeSigned(event) && !mayBeUnproven(group, author, event) ? 'signed with a key that is not known' : null;
  return isSignedBy(signed, channelBinding(group.channel.publicGroupId, author.memberId), key) ? null : WRONG;
}

/** In a group that is no channel: why it is passed over; null: it is not. Without a key nothing can be said. */
export function wronglySigned({ memberId, key: text }: Member, signed: SignedBytes | null): string | null {
  const key = signed === null || text === undefined ? null : parseMemberKey(text);
  return key === null || isSignedBy(signed!, memberBinding(memberId, key), key) ? null : WRONG;
}

/** The key that a member has from now on, if it had none: what it is introduced with, or what it says and proves itself. */
export function firstKey(before: Pick<Member, 'key'> | undefined, said: string | undefined): Pick<Member, 'key'> {
  return before?.key === undefined && said !== undefined && parseMemberKey(said) !== null ? { key: said } : {};
}

/** Whether a member has signed with the key that it says is its own. */
export function provesKey({ memberId }: Member, said: string | undefined, signed: SignedBytes | null): boolean {
  const key = said === undefined ? null : parseMemberKey(said);
  return key !== null && signed !== null && isSignedBy(signed, memberBinding(memberId, key), key);
}
