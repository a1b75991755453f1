/** The bot is invited to a group: the beginning of a registration (directory §3.2, 2 to 4). */
import type { ChatEvent, Contact, Group } from '@polyplex/chat';
import { DEFAULT_SETTINGS } from '../admission/decide.ts';
import { DEFAULT_MAX_REGISTRATIONS } from '../options.ts';
import type { Registration } from '../records/records.ts';
import { confirmCommand, OWNER_TEXTS, roleFaultText } from '../texts/owner-texts.ts';
import { attempt, count, tell, tellOwner, type Turn } from '../turn.ts';
import { liveRegistration, setStatus } from './change.ts';
import { clashOf } from './duplicates.ts';
import { faultOf } from './role-rules.ts';

type Invitation = Extract<ChatEvent, { type: 'group-invitation' }>;

/** Registrations that wait for the bot to join. */
function isBeforeJoining({ state }: Registration): boolean {
  return state === 'pending_confirmation' || state === 'proposed';
}

/** A repeated invitation has another role or name, and begins the check again. */
export function onInvitation(turn: Turn, { contact, group, fromRole }: Invitation): void {
  const present = liveRegistration(turn, group.groupId);
  if (present !== undefined && !isBeforeJoining(present)) return;
  const fault = faultOf(fromRole, group.own.role);
  if (fault !== null) {
    tell(turn, contact.contactId, roleFaultText(fault, { name: group.profile.displayName }));
    return;
  }
  const tooMany = present === undefined ? tooManyOf(turn, contact) : null;
  if (tooMany === null) checkDuplicates(turn, contact, group, present);
  else tell(turn, contact.contactId, tooMany);
}

/** What who has as many registrations as one may is told; null: there is room. */
export function tooManyOf({ options, records }: Turn, { contactId }: Contact): string | null {
  const limit = options.maxRegistrations ?? DEFAULT_MAX_REGISTRATIONS;
  const others = records.registrationsOf(contactId).filter(({ state }) => state !== 'removed');
  return others.length < limit ? null : OWNER_TEXTS.tooMany(limit);
}

function checkDuplicates(turn: Turn, contact: Contact, group: Group, present: Registration | undefined): void {
  const name = group.profile.displayName;
  const clash = clashOf(turn, group.groupId, name);
  if (clash === 'refused') {
    tell(turn, contact.contactId, OWNER_TEXTS.duplicateRefused(name));
    return;
  }
  if (present === undefined) turn.records.putSettings(group.groupId, turn.records.expectedNamed(name)[0]?.settings ?? DEFAULT_SETTINGS);
  const registration = { ...(present ?? newRegistration(turn, contact, group)), name };
  if (clash === 'none' || present?.state === 'proposed') propose(turn, registration);
  else askToConfirm(turn, registration);
}

function askToConfirm(turn: Turn, registration: Registration): void {
  const asked = setStatus(turn, registration, { state: 'pending_confirmation', code: 0 });
  tellOwner(turn, asked, OWNER_TEXTS.duplicateAsked(asked.name));
  tellOwner(turn, asked, confirmCommand(asked));
}

/** Records the proposal and joins. */
export function propose(turn: Turn, registration: Registration): void {
  const proposed = setStatus(turn, registration, { state: 'proposed', code: 0 });
  const isJoining = attempt(turn, () => {
    turn.step.acceptInvitation(proposed.groupId);
    return true;
  });
  tellOwner(turn, proposed, isJoining === true ? OWNER_TEXTS.joining(proposed) : OWNER_TEXTS.joinFailed(proposed));
}

/** The next of the contact's numbers. */
export function nextNumber({ records }: Turn, contactId: number): number {
  return Math.max(0, ...records.registrationsOf(contactId).map(({ userNumber }) => userNumber)) + 1;
}

/** An imported registration of the same name lends its settings; whether the group is listed is still the admins' to say. */
export function newRegistration(turn: Turn, { contactId }: Contact, { groupId, profile }: Group): Registration {
  const [expected] = turn.records.expectedNamed(profile.displayName);
  count(turn, ({ registrations }) => registrations.add());
  return {
    groupId, contactId,
    userNumber: nextNumber(turn, contactId),
    ownerMemberId: null,
    state: 'proposed', code: 0,
    isPromoted: expected?.isPromoted ?? false,
    createdAt: turn.step.now,
    name: profile.displayName,
    approving: null,
  };
}
