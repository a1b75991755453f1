/** Admins approve (directory §3.2, 7; §3.5). The link is made first, over the network: the approval waits for it as part of the registration. */
import type { ChatEvent, Group } from '@polyplex/chat';
import { DEFAULT_SETTINGS } from '../admission/decide.ts';
import type { Asker } from '../commands/asker.ts';
import { reply } from '../commands/asker.ts';
import type { Approving, Registration } from '../records/records.ts';
import { ADMIN_TEXTS } from '../texts/admin-texts.ts';
import { hasOwnLink, linkLine } from '../texts/group-texts.ts';
import { OWNER_TEXTS, roleFaultReason } from '../texts/owner-texts.ts';
import { attempt, count, tell, tellAdmins, tellOwner, type Turn } from '../turn.ts';
import { liveRegistration, ownerName, putRegistration, type Registered } from './change.ts';
import { clashOf } from './duplicates.ts';
import { inviteToOwnersGroup } from './owners-group.ts';
import { presentFault } from './role-rules.ts';

export interface ApprovalRequest {
  readonly code: number;
  /** Null: as it is. */
  readonly promote: boolean | null;
}

/** Null: it may be approved. */
function refusalOf(turn: Turn, { registration, group }: Registered, code: number): string | null {
  if (registration.state !== 'pending_approval') return ADMIN_TEXTS.notPending(registration, registration);
  if (registration.code !== code) return ADMIN_TEXTS.incorrectCode;
  if (clashOf(turn, registration.groupId, registration.name) === 'refused') return ADMIN_TEXTS.duplicate(registration);
  const fault = presentFault(turn, registration, group);
  return fault === null ? null : ADMIN_TEXTS.notApproved(registration, roleFaultReason(fault));
}

/** Only super-users promote; admins may keep a promotion. */
function promotionBy({ rank }: Asker, { isPromoted }: Registration, promote: boolean | null): boolean {
  if (promote === null || (rank !== 'super-user' && !isPromoted)) return isPromoted;
  return promote;
}

export function approve(turn: Turn, asker: Asker, { registration, group }: Registered, { code, promote }: ApprovalRequest): void {
  const refusal = refusalOf(turn, { registration, group }, code);
  if (refusal !== null) return reply(turn, asker, refusal);
  const approving: Approving = { code, contactId: asker.contact.contactId, isPromoted: promotionBy(asker, registration, promote) };
  const { groupId, channel } = registration;
  if (group.link !== null || channel !== undefined) {
    const isReady = channel !== undefined || attempt(turn, () => (turn.step.refreshLink(groupId), true)) === true;
    if (!isReady) return reply(turn, asker, ADMIN_TEXTS.linkFailed(registration));
    reply(turn, asker, ADMIN_TEXTS.approved(registration, approving.isPromoted));
    return list(turn, registration, group, approving);
  }
  const isAsked = registration.approving !== null;
  putRegistration(turn, { ...registration, approving });
  const { joinerRole } = turn.records.settings(groupId) ?? DEFAULT_SETTINGS;
  if (isAsked || attempt(turn, () => (turn.step.createLink(groupId, joinerRole), true)) === true) return reply(turn, asker, ADMIN_TEXTS.approving);
  putRegistration(turn, { ...registration, approving: null });
  reply(turn, asker, ADMIN_TEXTS.linkFailed(registration));
}

/** What was checked when the approval came is checked again: the group may have changed meanwhile. */
export function onLinkCreated(turn: Turn, { group }: Extract<ChatEvent, { type: 'link-created' }>): void {
  const registration = liveRegistration(turn, group.groupId);
  const approving = registration?.approving ?? null;
  if (registration === undefined) return;
  const waiting = putRegistration(turn, { ...registration, approving: null });
  if (approving === null) return;
  const refusal = refusalOf(turn, { registration: waiting, group }, approving.code);
  tell(turn, approving.contactId, refusal ?? ADMIN_TEXTS.approved(waiting, approving.isPromoted));
  if (refusal === null) list(turn, waiting, group, approving);
}

export function onLinkFailed(turn: Turn, { group }: Extract<ChatEvent, { type: 'link-failed' }>): void {
  const registration = liveRegistration(turn, group.groupId);
  const approving = registration?.approving ?? null;
  if (registration === undefined || approving === null) return;
  putRegistration(turn, { ...registration, approving: null });
  tell(turn, approving.contactId, ADMIN_TEXTS.linkFailed(registration));
}

function list(turn: Turn, registration: Registration, group: Group, { contactId, isPromoted }: Approving): void {
  const listed = putRegistration(turn, { ...registration, state: 'active', code: 0, isPromoted, approving: null });
  count(turn, ({ approvals }) => approvals.add());
  for (const expected of turn.records.expectedNamed(listed.name)) turn.records.removeExpected(expected);
  tellOwner(turn, listed, ownerNotice(listed, group));
  if (group.link !== null) tellOwner(turn, listed, linkLine({ registration: listed, group }, group.link));
  const admin = turn.step.contact(contactId);
  tellAdmins(turn, [ADMIN_TEXTS.approvedBy(listed, admin?.localName ?? 'an admin', isPromoted)], contactId);
  if ((turn.options.ownersGroup ?? null) !== null) tell(turn, contactId, invited(turn, listed));
}

function ownerNotice(registration: Registration, group: Group): string {
  if (registration.channel !== undefined) return OWNER_TEXTS.approved(registration);
  return [
    OWNER_TEXTS.approved(registration),
    ...(hasOwnLink({ registration, group }) ? [] : [OWNER_TEXTS.addLink]),
    OWNER_TEXTS.commands(registration),
  ].join('\n');
}

function invited(turn: Turn, registration: Registration): string {
  const name = ownerName(turn, registration);
  const outcome = inviteToOwnersGroup(turn, registration);
  if (outcome === 'invited') return ADMIN_TEXTS.invitedOnApproval(name);
  return outcome === 'already' ? ADMIN_TEXTS.alreadyMember(name) : ADMIN_TEXTS.notInvited(name);
}
