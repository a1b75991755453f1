/**
 * Somebody asks at the link of a group that we host (directory §2.4): the application says who comes in and as what, and what it says is the
 * answer to the request. A request that is sent again is the same one.
 */
import { type Acceptance, type GroupLinkInvitation, isAtLeast, MAX_CONN_INFO_BYTES, type MemberIdRole, type Profile, type Role, type SentEvent, supports } from '@polyplex/protocol-chat';
import type { Admission, JoinRequest } from '../../chat-event.ts';
import { textOf } from '../../compose.ts';
import type { Outcome, Received } from '../../dispatch/handlers.ts';
import { beginHalfOpen, hasRoomForMember } from '../../limits/half-open.ts';
import { keyOf } from '../../records/keys.ts';
import { requestKey } from '../../contacts/request.ts';
import type { Group, Member, MemberStatus } from '../../records/records.ts';
import { boundedMemberProfile } from '../../profiles.ts';
import { isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { withGroupProfile } from './member-info.ts';

type RequestMessage = Received<'x.contact' | 'x.info'>;

interface Request {
  readonly group: Group;
  readonly offerId: string;
  readonly message: RequestMessage;
  readonly requestId: string | null;
}

export interface LinkOffer {
  readonly groupId: number;
  readonly offerId: string;
}

const STATUS: Readonly<Record<Admission['decision'], MemberStatus>> = {
  accepted: 'accepted', pending: 'pending_approval', pending_review: 'pending_review', rejected: 'rejected',
};

/** Whether we may bring anybody in. */
function isHosting({ own, link }: Group): boolean {
  return link !== null && isAtLeast(own.role, 'admin') && !isRemoved(own);
}

export function takeJoinRequest(step: Step, { groupId, offerId }: LinkOffer, message: RequestMessage): Outcome {
  const group = step.group(groupId);
  if (group === undefined || !isHosting(group)) return 'a request at a link of a group that we do not host';
  if (!hasRoomForMember(step, group)) return 'a request at a link of a group that has no room';
  if (!supports(message.versions, 'groupLinkInvitation')) return 'a request of a version that cannot join';
  const requestId = message.event === 'x.contact' ? message.params.contactReqId ?? null : null;
  const request = { group, offerId, message, requestId };
  if (asked(step, request)) return 'a request that was made before';
  const admission = admissionOf(step, { group, profile: message.params.profile, versions: message.versions });
  if (admission.decision !== 'rejected') return () => accept(step, request, admission);
  if (!supports(message.versions, 'joinRejection')) return 'a rejected request of a version that cannot be told';
  return () => reject(step, request, admission.reason);
}

/** Whoever has left may come again with the same id. */
function asked(step: Step, { group, requestId }: Request): boolean {
  const number = requestId === null ? undefined : step.records.get('request', requestKey(group.groupId, requestId));
  const member = number === undefined ? undefined : step.member(group.groupId, number);
  return member !== undefined && !isRemoved(member);
}

/** A group whose members review who joins has them review whoever the application would let in. */
function admissionOf(step: Step, request: JoinRequest): Admission {
  const { application } = step.context;
  const admission = application.admit?.(request, step.context.face(step)) ?? { decision: 'accepted', role: request.group.link!.role };
  return admission.decision === 'accepted' && isReviewed(request.group) ? { decision: 'pending_review', role: admission.role } : admission;
}

export function isReviewed({ profile }: Group): boolean {
  return profile.memberAdmission?.review === 'all';
}

function addMember(step: Step, { group, message, requestId }: Request, { status, role }: { readonly status: MemberStatus; readonly role: Role }): Member {
  const { groupId } = group;
  const profile = boundedMemberProfile(message.params.profile);
  const member = step.addMember({
    groupId, memberId: step.newId(), role, category: 'invitee', status, profile, versions: message.versions, contactId: null, invitedBy: null,
  });
  beginHalfOpen(step, { groupId, number: member.memberNumber, createdAt: member.createdAt });
  if (requestId !== null) step.records.put('request', requestKey(group.groupId, requestId), member.memberNumber);
  const hasWelcome = message.event === 'x.contact' && message.params.welcomeMsgId !== undefined;
  step.records.put('arrival', keyOf(groupId, member.memberNumber), { requestId, hasWelcome, history: null });
  return member;
}

function answer(step: Step, { offerId, group }: Request, { memberNumber }: Member, event: SentEvent): void {
  const owner = { type: 'member', groupId: group.groupId, memberNumber } as const;
  step.addTask({ do: 'accept', offerId, owner, info: textOf(event), postQuantum: false });
}

function pairOf({ own }: Group, { memberId, role }: Member): { readonly fromMember: MemberIdRole; readonly invitedMember: MemberIdRole } {
  return { fromMember: { memberId: own.memberId, memberRole: own.role }, invitedMember: { memberId, memberRole: role } };
}

function accept(step: Step, request: Request, { decision, role }: { readonly decision: Acceptance; readonly role: Role }): void {
  const member = addMember(step, request, { status: STATUS[decision], role });
  const invitation = linkInvitation(step.knownGroup(request.group.groupId), member, { decision, own: step.profile });
  answer(step, request, member, withGroupProfile(request.group.profile, MAX_CONN_INFO_BYTES, (groupProfile) => ({
    event: 'x.grp.link.inv', params: { groupLinkInvitation: { ...invitation, groupProfile } },
  })));
}

function linkInvitation(group: Group, member: Member, { decision, own }: { readonly decision: Acceptance; readonly own: Profile }): GroupLinkInvitation {
  const { profile: groupProfile, currentMembers: groupSize } = group;
  return { ...pairOf(group, member), fromMemberName: own.displayName, groupProfile, accepted: decision, groupSize };
}

/** Told within a handshake that ends when it is through. */
function reject(step: Step, request: Request, rejectionReason: string): void {
  const { group } = request;
  const member = addMember(step, request, { status: 'rejected', role: 'observer' });
  answer(step, request, member, withGroupProfile(group.profile, MAX_CONN_INFO_BYTES, (groupProfile) => ({
    event: 'x.grp.link.reject', params: { groupLinkRejection: { ...pairOf(group, member), groupProfile, rejectionReason } },
  })));
}
