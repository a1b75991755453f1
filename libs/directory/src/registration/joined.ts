/** The bot has joined, or could not (directory §3.2, 4 and 5); and what admins are sent (§3.3). */
import type { ChatEvent, Group } from '@polyplex/chat';
import type { Registration } from '../records/records.ts';
import { approveCommand, submissionText } from '../texts/admin-texts.ts';
import { withImage } from '../texts/group-texts.ts';
import { OWNER_TEXTS, roleFaultText } from '../texts/owner-texts.ts';
import { tellAdmins, tellOwner, type Turn } from '../turn.ts';
import { liveRegistration, ownerName, putRegistration, removeRegistration } from './change.ts';
import { presentFault } from './role-rules.ts';

export function onJoined(turn: Turn, { group, host }: Extract<ChatEvent, { type: 'group-joined' }>): void {
  const registration = liveRegistration(turn, group.groupId);
  if (registration?.state !== 'proposed' || host.contactId !== registration.contactId) return;
  const joined = putRegistration(turn, {
    ...registration, state: 'pending_approval', code: 1, ownerMemberId: host.memberId, name: group.profile.displayName,
  });
  tellOwner(turn, joined, OWNER_TEXTS.joined(joined));
  tellOwner(turn, joined, OWNER_TEXTS.recommendation(joined));
  submit(turn, joined, group);
}

export function onJoinFailed(turn: Turn, { group }: Extract<ChatEvent, { type: 'group-join-failed' | 'group-join-rejected' }>): void {
  const registration = liveRegistration(turn, group.groupId);
  if (registration?.state !== 'proposed') return;
  tellOwner(turn, registration, OWNER_TEXTS.joinFailed(registration));
  // The next card joins anew; an invitation is still there.
  if (registration.channel !== undefined) removeRegistration(turn, registration);
}

/** To the admins where roles are right; else the owner is told what is wrong. */
export function submit(turn: Turn, registration: Registration, group: Group): void {
  const fault = presentFault(turn, registration, group);
  if (fault !== null) {
    tellOwner(turn, registration, roleFaultText(fault, registration));
    return;
  }
  const text = submissionText(ownerName(turn, registration), { registration, group }, turn.records.expectedNamed(registration.name));
  tellAdmins(turn, [withImage(group.profile, text), approveCommand(registration)]);
}
