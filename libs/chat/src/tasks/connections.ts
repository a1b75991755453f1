/** Tasks that make connections (directory §2.2 to §2.4): the new connection is its owner's in the same transaction. */
import { formatLink, parseLink } from '@polyplex/protocol-agent';
import { ChatError } from '../chat-error.ts';
import { infoBody } from '../compose.ts';
import { forgetContact } from '../contacts/send.ts';
import { invitationMade } from '../groups/host/hooks.ts';
import { endMember } from '../groups/membership/ending.ts';
import { joinFailed } from '../groups/membership/invited.ts';
import { tellMember } from '../groups/send.ts';
import type { ConnectionOwner, Member } from '../records/records.ts';
import { isRemoved } from '../records/status.ts';
import type { Step } from '../step.ts';
import type { Performer } from './performer.ts';

function subjectOf(owner: ConnectionOwner): string {
  return JSON.stringify(owner);
}

/** Throws PROHIBITED where it is not wanted any more: then it is not made. */
function connect(step: Step, owner: ConnectionOwner, connectionId: string): void {
  if (owner.type === 'contact') {
    if (step.knownContact(owner.contactId).status !== 'connecting') throw new ChatError('PROHIBITED', 'the contact is deleted');
    step.updateContact(owner.contactId, { connectionId });
  }
  if (owner.type === 'member') step.updateMember(wantedMember(step, owner), { connectionId });
  step.own(connectionId, owner);
}

function wantedMember(step: Step, { groupId, memberNumber }: Extract<ConnectionOwner, { type: 'member' }>): Member {
  const member = step.knownMember(groupId, memberNumber);
  // Who was refused is connected to hear it.
  const isGone = isRemoved(member) && member.status !== 'rejected';
  if (isGone || isRemoved(step.knownGroup(groupId).own)) throw new ChatError('PROHIBITED', 'the member is not in the group');
  return member;
}

function notConnected(step: Step, owner: ConnectionOwner, reason: string): void {
  if (owner.type === 'contact') {
    const contact = step.contact(owner.contactId);
    if (contact?.status === 'connecting') forgetContact(step, contact);
  }
  const member = owner.type === 'member' ? step.member(owner.groupId, owner.memberNumber) : undefined;
  if (member === undefined) step.ignore('a connection that was not made');
  else memberNotConnected(step, member, reason);
}

function memberNotConnected(step: Step, member: Member, reason: string): void {
  if (member.category === 'host') return joinFailed(step, member.groupId, reason);
  if (member.category === 'invitee' && !isRemoved(member)) endMember(step, member, 'removed');
  // Another invitation of it would be taken.
  if (member.category === 'post' && member.status === 'accepted') step.updateMember(member, { status: 'announced' });
  step.ignore('a member that is not connected');
}

/** A request at our address or at a group's link. */
export const accepting: Performer<'accept'> = {
  subject: ({ owner }) => subjectOf(owner),
  perform: async ({ agent }, { offerId, owner, info, postQuantum }, { settling }) => {
    await agent.accept(offerId, {
      info: infoBody(info, postQuantum), postQuantum,
      also: (agentStep, connectionId) => settling.inStep(agentStep, (step) => connect(step, owner, connectionId)),
    });
  },
  failed: (step, { offerId, owner }, reason) => {
    if (reason !== 'UNKNOWN') rejectQuietly(step, offerId);
    notConnected(step, owner, reason);
  },
};

/** An offer that is gone needs no answer. */
function rejectQuietly(step: Step, offerId: string): void {
  try {
    step.agent.reject(offerId);
  } catch (error) {
    step.failed(error);
  }
}

export const joining: Performer<'join'> = {
  subject: ({ owner }) => subjectOf(owner),
  perform: async ({ agent }, { link, owner, info, postQuantum }, { settling }) => {
    const request = parseLink(link);
    if (request === null) throw new ChatError('LINK', 'this is no link');
    await agent.join(request, {
      info: infoBody(info, postQuantum), postQuantum,
      also: (agentStep, connectionId) => settling.inStep(agentStep, (step) => connect(step, owner, connectionId)),
    });
  },
  failed: (step, { owner }, reason) => notConnected(step, owner, reason),
};

/** An invitation of ours: for a member that we were introduced to, by way of the host; or for a contact, into a group of ours. */
export const inviting: Performer<'invite'> = {
  subject: ({ owner }) => subjectOf(owner),
  perform: async ({ agent }, { owner, contactId }, { settling }) => {
    await agent.createInvitation({
      postQuantum: false,
      also: (agentStep, connectionId, { request }) => settling.inStep(agentStep, (step) => {
        connect(step, owner, connectionId);
        if (owner.type !== 'member') return;
        const member = step.knownMember(owner.groupId, owner.memberNumber);
        if (contactId === null) introductionAnswered(step, member, formatLink(request));
        else invitationMade(step, member, formatLink(request));
      }),
    });
  },
  failed: (step, { owner }, reason) => notConnected(step, owner, reason),
};

function introductionAnswered(step: Step, member: Member, groupConnReq: string): void {
  const { groupId, memberId, invitedBy } = member;
  step.updateMember(member, { status: 'intro-inv' });
  const host = invitedBy === null ? undefined : step.member(groupId, invitedBy);
  if (host !== undefined && !isRemoved(host)) tellMember(step, host, { event: 'x.grp.mem.inv', params: { memberId, memberIntro: { groupConnReq } } });
}
