/** Commands of owners (directory §3.5). */
import type { Group } from '@polyplex/chat';
import { DEFAULT_SETTINGS } from '../admission/decide.ts';
import { ownerName, removeRegistration } from '../registration/change.ts';
import { clashOf } from '../registration/duplicates.ts';
import { propose } from '../registration/invitation.ts';
import { leaveChannel } from '../registration/membership.ts';
import { faultOf } from '../registration/role-rules.ts';
import type { GroupSettings, Registration } from '../records/records.ts';
import { ADMIN_TEXTS, registrationText } from '../texts/admin-texts.ts';
import { withImage } from '../texts/group-texts.ts';
import { channelLinkText, filterText, linkText, OWNER_TEXTS, roleFaultText, roleText } from '../texts/owner-texts.ts';
import { attempt, tellAdmins, tellOwner, type Turn } from '../turn.ts';
import { type Asker, isAdmin, reply, replyAll } from './asker.ts';
import type { Command } from './command.ts';
import type { Target } from './target.ts';

/** The newest; more would be a burden on both sides. */
const MAX_LISTED = 50;

export function listOwn(turn: Turn, asker: Asker): void {
  const own = turn.records.registrationsOf(asker.contact.contactId);
  if (own.length === 0) return reply(turn, asker, OWNER_TEXTS.none);
  const entries = own.slice(-MAX_LISTED).flatMap((registration) => {
    const group = turn.step.group(registration.groupId);
    return group === undefined ? [] : [withImage(group.profile, ownEntry(turn, asker, { registration, group }))];
  });
  replyAll(turn, asker, [OWNER_TEXTS.listed(own.length), ...entries]);
}

function ownEntry(turn: Turn, asker: Asker, { registration, group }: { readonly registration: Registration; readonly group: Group }): string {
  const id = isAdmin(asker) ? registration.groupId : registration.userNumber;
  const text = registrationText({ registration, group }, { id, owner: isAdmin(asker) ? ownerName(turn, registration) : null });
  return registration.state === 'removed' || registration.channel !== undefined ? text : `${text}\n/'role ${id}', /'filter ${id}'`;
}

/** Roles and names may have changed since the question. */
export function confirm(turn: Turn, asker: Asker, { registration, group }: Target): void {
  if (registration.state !== 'pending_confirmation') return reply(turn, asker, OWNER_TEXTS.notPending(registration));
  const inviter = group.host === null ? undefined : turn.step.member(group.groupId, group.host);
  const fault = faultOf(inviter?.role ?? 'unknown', group.own.role);
  if (fault !== null) return reply(turn, asker, roleFaultText(fault, registration));
  if (clashOf(turn, registration.groupId, registration.name) === 'refused') return reply(turn, asker, OWNER_TEXTS.duplicateRefused(registration.name));
  propose(turn, registration);
}

export function remove(turn: Turn, asker: Asker, { registration }: Target): void {
  removeRegistration(turn, registration);
  leaveChannel(turn, registration);
  reply(turn, asker, OWNER_TEXTS.deleted(registration));
  const isOwner = registration.contactId === asker.contact.contactId;
  if (!isOwner) tellOwner(turn, registration, OWNER_TEXTS.deletedByAdmin(registration));
  else if (registration.state !== 'removed') tellAdmins(turn, [ADMIN_TEXTS.deletedByOwner(registration)], asker.contact.contactId);
}

function settingsOf({ records }: Turn, { groupId }: Registration): GroupSettings {
  return records.settings(groupId) ?? DEFAULT_SETTINGS;
}

export function role(turn: Turn, asker: Asker, { registration, group, id }: Target, { role: joinerRole }: Extract<Command, { type: 'role' }>): void {
  if (registration.channel !== undefined) return reply(turn, asker, OWNER_TEXTS.notForChannels(registration));
  const settings = settingsOf(turn, registration);
  const { groupId, link } = group;
  if (joinerRole !== null) {
    turn.records.putSettings(groupId, { ...settings, joinerRole });
    if (link !== null) attempt(turn, () => turn.step.setLinkRole(groupId, joinerRole));
  }
  reply(turn, asker, roleText(id, registration.name, { joinerRole: joinerRole ?? settings.joinerRole, link }));
}

export function filter(turn: Turn, asker: Asker, { registration, id }: Target, { filter: wanted }: Extract<Command, { type: 'filter' }>): void {
  if (registration.channel !== undefined) return reply(turn, asker, OWNER_TEXTS.notForChannels(registration));
  const settings = settingsOf(turn, registration);
  const changed = wanted === null ? settings : { ...settings, filter: wanted };
  if (wanted !== null) turn.records.putSettings(registration.groupId, changed);
  reply(turn, asker, filterText(id, registration.name, changed));
}

/** A link that is shown is one that tells what the group is now, as far as admins have seen it. */
export function link(turn: Turn, asker: Asker, { registration, group }: Target): void {
  if (registration.channel !== undefined) return reply(turn, asker, channelLinkText(registration, registration.channel.link));
  const { joinerRole } = settingsOf(turn, registration);
  if (registration.state === 'active' && group.link !== null) attempt(turn, () => turn.step.refreshLink(group.groupId));
  reply(turn, asker, linkText(registration.name, { joinerRole, link: group.link }));
}
