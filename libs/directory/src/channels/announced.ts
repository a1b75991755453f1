/** A relay tells of the owner (directory §3.8): what the link said of them is so, and the channel goes to the admins. */
import type { ChatEvent } from '@polyplex/chat';
import { liveRegistration, putRegistration, setStatus } from '../registration/change.ts';
import { submit } from '../registration/joined.ts';
import { leaveChannel } from '../registration/membership.ts';
import { isAnnouncedOwner } from '../registration/role-rules.ts';
import { CHANNEL_TEXTS } from '../texts/channel-texts.ts';
import { OWNER_TEXTS } from '../texts/owner-texts.ts';
import { tellOwner, type Turn } from '../turn.ts';
import { scheduleLinkCheck } from './link-check-plan.ts';

export function onOwnerAnnounced(turn: Turn, { group, member, said }: Extract<ChatEvent, { type: 'owner-announced' }>): void {
  const registration = liveRegistration(turn, group.groupId);
  if (registration?.state !== 'proposed' || registration.ownerMemberId !== member.memberId) return;
  if (said !== 'owner' || !isAnnouncedOwner(member)) {
    const cancelled = setStatus(turn, registration, { state: 'removed', code: 0 });
    tellOwner(turn, cancelled, CHANNEL_TEXTS.cancelled(cancelled));
    leaveChannel(turn, cancelled);
    return;
  }
  const joined = putRegistration(turn, { ...registration, state: 'pending_approval', code: 1, name: group.profile.displayName });
  tellOwner(turn, joined, OWNER_TEXTS.joined(joined));
  scheduleLinkCheck(turn, group.groupId);
  submit(turn, joined, group);
}
