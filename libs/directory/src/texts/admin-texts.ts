/** What super-users and admins are told (directory §3.3, §3.4, §3.5). */
import { type GroupProfile, publicGroupOf } from '@polyplex/protocol-chat';
import { quotedName, shownName } from '../commands/names.ts';
import type { Expected, Registration } from '../records/records.ts';
import type { Registered } from '../registration/change.ts';
import { parseStatus, shownState } from '../registration/states.ts';
import { groupText } from './group-texts.ts';
import { called, capital, nounOf } from './nouns.ts';

type Known = Pick<Registration, 'groupId' | 'name' | 'channel'>;

const named = (known: Known): string => `The ${nounOf(known)} ID ${known.groupId} (${shownName(known.name)})`;

export function approveCommand({ groupId, name, code, isPromoted }: Registration): string {
  return `/approve ${groupId}:${quotedName(name)} ${code}${isPromoted ? ' promote=on' : ''}`;
}

const DOMAIN = /^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i;

/** A name that is claimed has no proof here, so that admins alone see it. */
function claimedName(profile: GroupProfile): readonly string[] {
  const domain = publicGroupOf(profile)?.publicGroupAccess?.groupDomainClaim?.domain ?? '';
  return DOMAIN.test(domain) ? [`SimpleX name: #${domain.replace(/\.simplex$/i, '')} (not verified: not shown to others)`] : [];
}

/** `expected`: registrations of the same name that were imported. */
export function submissionText(ownerName: string, registered: Registered, expected: readonly Expected[]): string {
  const { registration } = registered;
  const notes = expected.slice(0, 3).map(({ status, ownerName: formerOwner }) => {
    const owner = formerOwner === null ? '' : `, of ${shownName(formerOwner)}`;
    return `The import has a group of this name${owner}, which was ${shownState(parseStatus(status.state)?.state ?? status.state)}. Check that it is the same.`;
  });
  const after = [...claimedName(registered.group.profile), ...notes, 'To approve send:'];
  return `${shownName(ownerName)} submitted the ${nounOf(registration)} ID ${registration.groupId}:\n${groupText(registered, { after })}`;
}

/** `by`: empty for the owner, else ` by <name>`. */
export const ADMIN_TEXTS = {
  remainsListed: (known: Known, by: string) => `${named(known)}: the link in the welcome message was changed${by}; it remains listed.`,
  hidden: (known: Known, by: string) => `${named(known)} was changed${by}. It is hidden until it is approved.`,
  badRoles: (known: Known, reason: string) => `${named(known)} is not listed any more: ${reason}.`,
  rolesGood: (known: Known) => `${named(known)} is listed again: roles are right.`,
  changedOften: (known: Known, { state }: Registration) => `${named(known)} changed many times. It is ${shownState(state)} now.`,
  ownerLeft: (known: Known) => `${named(known)} is removed: its owner is not a member any more.`,
  botRemoved: (known: Known) => `${named(known)} is removed: the bot was removed from it.`,
  groupDeleted: (known: Known) => `${named(known)} is removed: it was deleted.`,
  linkGone: (known: Known) => `${named(known)} is removed: its link does not lead to it any more.`,
  deletedByOwner: (known: Known) => `${named(known)} was removed from the directory by its owner.`,
  approvedBy: (known: Known, who: string, isPromoted: boolean) => `${named(known)} was approved by ${shownName(who)}${isPromoted ? ' (promoted)' : ''}.`,
  approved: (known: Known, isPromoted: boolean) => `${capital(nounOf(known))} approved!${isPromoted ? ' (promoted)' : ''}`,
  approving: 'The link to the group is being made; you are told when the group is listed.',
  incorrectCode: 'Incorrect approval code. See /pending for the present one.',
  notPending: (known: Known, { state }: Registration) => `Error: ${named(known)} is ${shownState(state)}, there is nothing to approve.`,
  duplicate: (known: Known) => `${named(known)} is not approved: another group of this name is listed.`,
  notApproved: (known: Known, reason: string) => `${named(known)} is not approved: ${reason}.`,
  linkFailed: (known: Known) => `${named(known)} is not approved: its link could not be made. Please try again.`,
  suspended: (known: Known) => `${capital(nounOf(known))} suspended!`,
  resumed: (known: Known) => `${capital(nounOf(known))} listing resumed!`,
  notActive: (known: Known, { state }: Registration) => `${named(known)} is ${shownState(state)}, it can only be suspended when it is active.`,
  notSuspended: (known: Known, { state }: Registration) => `${named(known)} is ${shownState(state)}, it can only be resumed when it is suspended.`,
  notResumed: (known: Known, reason: string) => `${named(known)} is not resumed: ${reason}.`,
  forwarded: (owner: string) => `Forwarded to @${owner}, the owner of the group.`,
  notForwarded: 'It could not be sent: the owner is not connected any more.',
  toOwner: (known: Known, words: string) => `A message from an admin of the directory about ${called(known)}:\n${words}`,
  promoted: (known: Known, isOn: boolean) => `${named(known)} is ${isOn ? 'promoted' : 'not promoted'} now.`,
  invited: (owner: string) => `You invited @${owner} to the group of owners.`,
  invitedOnApproval: (owner: string) => `@${owner} is invited to the group of owners.`,
  alreadyMember: (owner: string) => `@${owner} is already a member of the group of owners.`,
  notInvited: (owner: string) => `@${owner} could not be invited to the group of owners.`,
  noOwner: 'The owner is not a contact any more.',
} as const;

/** A registration in lists: for owners with their own id, for admins with the group's. */
export function registrationText(
  registered: Registered, { id, owner }: { readonly id: number; readonly owner: string | null },
): string {
  const { registration } = registered;
  const lines = [
    ...(owner === null ? [] : [...claimedName(registered.group.profile), `Owner: ${shownName(owner)}`]),
    `Status: ${shownState(registration.state)}${registration.isPromoted ? ', promoted' : ''}`,
  ];
  return groupText(registered, { prefix: `${id}. `, after: lines });
}

export function listHeader(kind: 'registered' | 'pending', total: number, shown: number): string {
  const what = kind === 'pending' ? `${total} group(s) pending approval` : `${total} registered group(s)`;
  return shown < total ? `${what}, showing the last ${shown}` : what;
}

export const TARGET_TEXTS = {
  notFound: (id: number) => `There is no group ID ${id}. See /list`,
  otherName: (id: number, name: string) => `Group ID ${id} has another name: ${shownName(name)}`,
} as const;
