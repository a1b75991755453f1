/** Commands of admins and super-users (directory §3.5). */
import type { MessageContent } from '@polyplex/protocol-chat';
import { ownerName, putRegistration, setStatus } from '../registration/change.ts';
import { inviteToOwnersGroup, type OwnersInvitation } from '../registration/owners-group.ts';
import { presentFault } from '../registration/role-rules.ts';
import { ADMIN_TEXTS, approveCommand, listHeader, registrationText } from '../texts/admin-texts.ts';
import { withImage } from '../texts/group-texts.ts';
import { COMMAND_TEXTS } from '../texts/help-texts.ts';
import { OWNER_TEXTS, roleFaultReason } from '../texts/owner-texts.ts';
import { tellOwner, type Turn } from '../turn.ts';
import { type Asker, reply, replyAll } from './asker.ts';
import type { Command } from './command.ts';
import type { Target } from './target.ts';

export function suspend(turn: Turn, asker: Asker, { registration }: Target): void {
  if (registration.state !== 'active') return reply(turn, asker, ADMIN_TEXTS.notActive(registration, registration));
  const suspended = setStatus(turn, registration, { state: 'suspended', code: 0 });
  reply(turn, asker, ADMIN_TEXTS.suspended(registration));
  tellOwner(turn, suspended, OWNER_TEXTS.suspended(suspended));
}

/** Roles may have changed meanwhile: what cannot be listed stays suspended. */
export function resume(turn: Turn, asker: Asker, { registration, group }: Target): void {
  if (registration.state !== 'suspended') return reply(turn, asker, ADMIN_TEXTS.notSuspended(registration, registration));
  const fault = presentFault(turn, registration, group);
  if (fault !== null) return reply(turn, asker, ADMIN_TEXTS.notResumed(registration, roleFaultReason(fault)));
  const listed = setStatus(turn, registration, { state: 'active', code: 0 });
  reply(turn, asker, ADMIN_TEXTS.resumed(registration));
  tellOwner(turn, listed, OWNER_TEXTS.resumed(listed));
}

/** An answer is a message an entry. */
const MAX_LISTED = 100;

export function listRegistrations(turn: Turn, asker: Asker, { type, count }: Extract<Command, { type: 'last' | 'pending' }>): void {
  const isWanted = ({ state }: { readonly state: string }): boolean => type === 'last' || state === 'pending_approval';
  const { groupIds, total } = turn.index.newest(Math.min(count, MAX_LISTED), isWanted);
  const entries = groupIds.flatMap((groupId) => entryOf(turn, groupId));
  replyAll(turn, asker, [listHeader(type === 'last' ? 'registered' : 'pending', total, groupIds.length), ...entries]);
}

function entryOf(turn: Turn, groupId: number): readonly (MessageContent | string)[] {
  const registration = turn.records.registration(groupId);
  const group = turn.step.group(groupId);
  if (registration === undefined || group === undefined) return [];
  const text = registrationText({ registration, group }, { id: groupId, owner: ownerName(turn, registration) });
  const approving = registration.state === 'pending_approval' ? `\n${approveCommand(registration)}` : '';
  return [withImage(group.profile, text + approving)];
}

export function tellOwnerOf(turn: Turn, asker: Asker, { registration }: Target, { text }: Extract<Command, { type: 'owner' }>): void {
  const isSent = tellOwner(turn, registration, ADMIN_TEXTS.toOwner(registration, text));
  reply(turn, asker, isSent ? ADMIN_TEXTS.forwarded(ownerName(turn, registration)) : ADMIN_TEXTS.notForwarded);
}

export function invite(turn: Turn, asker: Asker, { registration }: Target): void {
  const name = ownerName(turn, registration);
  if (name === '') return reply(turn, asker, ADMIN_TEXTS.noOwner);
  const answers: Readonly<Record<OwnersInvitation, string>> = {
    invited: ADMIN_TEXTS.invited(name),
    already: ADMIN_TEXTS.alreadyMember(name),
    failed: ADMIN_TEXTS.notInvited(name),
    'no-group': COMMAND_TEXTS.noOwnersGroup,
  };
  reply(turn, asker, answers[inviteToOwnersGroup(turn, registration)]);
}

export function promote(turn: Turn, asker: Asker, { registration }: Target, { isOn }: Extract<Command, { type: 'promote' }>): void {
  putRegistration(turn, { ...registration, isPromoted: isOn });
  reply(turn, asker, ADMIN_TEXTS.promoted(registration, isOn));
}
