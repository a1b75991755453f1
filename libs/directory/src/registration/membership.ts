/** Roles change, people leave, groups end (directory §3.4). The owner is known by member id: the same person may be in the group twice. */
import type { ChatEvent, Group } from '@polyplex/chat';
import type { Registration } from '../records/records.ts';
import { ADMIN_TEXTS } from '../texts/admin-texts.ts';
import { OWNER_TEXTS, roleFaultReason } from '../texts/owner-texts.ts';
import { attempt, tellAdmins, tellOwner, type Turn } from '../turn.ts';
import { liveRegistration, setStatus } from './change.ts';
import { submit } from './joined.ts';
import { mayNotify } from './notices.ts';
import { isGone, presentFault } from './role-rules.ts';

export function onOwnRole(turn: Turn, { group, from }: Extract<ChatEvent, { type: 'own-role' }>): void {
  const registration = liveRegistration(turn, group.groupId);
  if (registration !== undefined && registration.channel === undefined && from !== group.own.role) applyRoles(turn, registration, group);
}

export function onMemberRole(turn: Turn, { group, member, from }: Extract<ChatEvent, { type: 'member-role' }>): void {
  const registration = liveRegistration(turn, group.groupId);
  if (registration?.ownerMemberId === member.memberId && from !== member.role) applyRoles(turn, registration, group);
}

/** As a subscriber. Groups are not left. */
export function leaveChannel(turn: Turn, { groupId, channel }: Registration): void {
  const group = channel === undefined ? undefined : turn.step.group(groupId);
  if (group !== undefined && !isGone(group.own.status)) attempt(turn, () => turn.step.leaveGroup(groupId));
}

function applyRoles(turn: Turn, registration: Registration, group: Group): void {
  const fault = presentFault(turn, registration, group);
  if (registration.state === 'active' && fault !== null) {
    const suspended = setStatus(turn, registration, { state: 'suspended_bad_roles', code: 0 });
    if (!mayNotify(turn, group.groupId)) return;
    tellOwner(turn, suspended, OWNER_TEXTS.badRoles(suspended, fault));
    tellAdmins(turn, [ADMIN_TEXTS.badRoles(suspended, roleFaultReason(fault))]);
  } else if (registration.state === 'suspended_bad_roles' && fault === null) {
    restore(turn, registration, group);
  } else if (registration.state === 'pending_approval' && fault === null) {
    if (mayNotify(turn, group.groupId)) submit(turn, registration, group);
  }
}

/** Roles are right again. What waited for approval when they were not has a code, and waits again. */
export function restore(turn: Turn, registration: Registration, group: Group): void {
  const { code } = registration;
  const restored = setStatus(turn, registration, { state: code > 0 ? 'pending_approval' : 'active', code });
  if (!mayNotify(turn, group.groupId)) return;
  if (code > 0) return submit(turn, restored, group);
  tellOwner(turn, restored, OWNER_TEXTS.rolesGood(restored));
  tellAdmins(turn, [ADMIN_TEXTS.rolesGood(restored)]);
}

/** A captcha of who is gone is nobody's. */
export function onMemberGone(turn: Turn, { group, member }: Extract<ChatEvent, { type: 'member-left' | 'member-removed' }>): void {
  turn.records.removeCaptcha(group.groupId, member.memberNumber);
  const registration = liveRegistration(turn, group.groupId);
  if (registration?.ownerMemberId === member.memberId) remove(turn, registration, 'ownerLeft');
}

export function onOwnRemoved(turn: Turn, { group }: Extract<ChatEvent, { type: 'own-removed' }>): void {
  end(turn, group, 'botRemoved');
}

export function onGroupDeleted(turn: Turn, { group }: Extract<ChatEvent, { type: 'group-deleted' }>): void {
  end(turn, group, 'groupDeleted');
}

function end(turn: Turn, { groupId, link }: Group, why: 'botRemoved' | 'groupDeleted'): void {
  const registration = liveRegistration(turn, groupId);
  if (registration !== undefined) remove(turn, registration, why);
  if (link !== null) attempt(turn, () => turn.step.deleteLink(groupId));
  turn.records.removeSettings(groupId);
  turn.records.removeCaptchas(groupId);
}

/** A channel without its owner is left; in a group the bot stays, which whoever is its owner now may register. */
export function remove(turn: Turn, registration: Registration, why: 'ownerLeft' | 'botRemoved' | 'groupDeleted' | 'linkGone'): void {
  const removed = setStatus(turn, registration, { state: 'removed', code: 0 });
  leaveChannel(turn, removed);
  tellOwner(turn, removed, OWNER_TEXTS[why](removed));
  tellAdmins(turn, [ADMIN_TEXTS[why](removed)]);
}
