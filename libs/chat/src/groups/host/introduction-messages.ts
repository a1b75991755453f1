/** What members say to the one who introduced them (directory §2.4): an invitation that is passed on to the other, and that they reach each other. */
import { MAX_MESSAGE_BYTES } from '@polyplex/protocol-chat';
import type { GroupHandler, GroupHandlers } from '../../dispatch/handlers.ts';
import { isRemoved } from '../../records/status.ts';
import type { Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';
import { sendToMember } from '../send.ts';
import { aboutMember, fits, memberInfo } from './member-info.ts';
import { areIntroduced, setReaches } from './relations.ts';

/** Whom the author was introduced to by us; null for all others, whatever it says. */
function introducedOther(step: Step, { groupId, memberNumber }: Member, memberId: string): Member | null {
  const other = step.memberById(groupId, memberId);
  if (other === undefined || isRemoved(other)) return null;
  return areIntroduced(step.records, { groupId, from: memberNumber, to: other.memberNumber }) ? other : null;
}

/** The newcomer's invitation for one of those it was introduced to. Where that one is away, it waits. */
const takeInvitation: GroupHandler<'x.grp.mem.inv'> = (step, { group, author, via }, { params: { memberId, memberIntro } }) => {
  if (via !== null) return 'an invitation that was passed on';
  const other = introducedOther(step, author, memberId);
  if (other === null) return 'an invitation for who was not introduced';
  const message = aboutMember(memberInfo(group, author), (info) => ({ event: 'x.grp.mem.fwd', params: { memberInfo: info, memberIntro } }));
  if (!fits(message, MAX_MESSAGE_BYTES)) return 'an invitation that is too large';
  return () => void sendToMember(step, other, message);
};

/** From here on the author sends to the other itself. */
const takeConnected: GroupHandler<'x.grp.mem.con'> = (step, { author, via }, { params: { memberId } }) => {
  if (via !== null) return 'a connection that was passed on';
  const other = introducedOther(step, author, memberId);
  if (other === null) return 'a connection to who was not introduced';
  return () => setReaches(step.records, { groupId: author.groupId, from: author.memberNumber, to: other.memberNumber });
};

export const introductionHandlers: GroupHandlers = { 'x.grp.mem.inv': takeInvitation, 'x.grp.mem.con': takeConnected };
