/**
 * What changes a channel (directory §3.8), signed by then: as in other groups, but only its owners do it. Their keys are the link's; of moderators we know none
 * that an owner has signed.
 */
import { publicGroupOf, type EventName } from '@polyplex/protocol-chat';
import type { GroupContext, GroupHandler, GroupHandlers, Outcome, Received } from '../../dispatch/handlers.ts';
import type { Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';
import { administration } from '../membership/administration.ts';
import { newRelay } from './announcements.ts';
import { isLinkOwner } from './keys.ts';
import { relayEnded } from './relays.ts';

function asElsewhere<E extends EventName>(event: E): GroupHandler<E> {
  return administration[event] as GroupHandler<E>;
}

function ofOwners<E extends EventName>(handler: GroupHandler<E>): GroupHandler<E> {
  return (step, context, message) => (context.author.role === 'owner' ? handler(step, context, message) : 'without the right to it');
}

const info = ofOwners<'x.grp.info'>((step, context, message) => {
  const { channel, groupId } = context.group;
  const said = publicGroupOf(message.params.groupProfile);
  if (channel === undefined || said?.publicGroupId !== channel.publicGroupId) return 'a profile of another channel';
  const outcome = asElsewhere('x.grp.info')(step, context, message);
  if (typeof outcome === 'string') return outcome;
  return () => {
    if (said.groupLink !== '') step.updateGroup(groupId, { channel: { ...channel, link: said.groupLink } });
    outcome();
  };
});

const role = ofOwners<'x.grp.mem.role'>((step, context, message) => {
  const { groupId } = context.group;
  const { memberId, role: to } = message.params;
  if (to === 'relay' || step.memberById(groupId, memberId)?.role === 'relay') return 'the role of a relay';
  if (to === 'owner' && !isLinkOwner(step, { groupId, memberId })) return 'an owner who is not in the link';
  return asElsewhere('x.grp.mem.role')(step, context, message);
});

const removal = ofOwners<'x.grp.mem.del'>((step, context, message) =>
  withRelay(step, step.memberById(context.group.groupId, message.params.memberId), asElsewhere('x.grp.mem.del')(step, context, message)));

function leave(step: Step, context: GroupContext, message: Received<'x.grp.leave'>): Outcome {
  return withRelay(step, context.author, asElsewhere('x.grp.leave')(step, context, message));
}

/** One that ends may be the last. */
function withRelay(step: Step, member: Member | undefined, outcome: Outcome): Outcome {
  if (typeof outcome === 'string' || member?.role !== 'relay') return outcome;
  return () => {
    outcome();
    relayEnded(step, member, 'RELAYS');
  };
}

export const channelAdministration: GroupHandlers = {
  'x.grp.info': info,
  'x.grp.prefs': ofOwners(asElsewhere('x.grp.prefs')),
  'x.grp.del': ofOwners(asElsewhere('x.grp.del')),
  'x.grp.mem.role': role,
  'x.grp.mem.del': removal,
  'x.grp.mem.restrict': ofOwners(asElsewhere('x.grp.mem.restrict')),
  'x.grp.relay.new': newRelay,
  'x.grp.leave': leave,
  'x.info': asElsewhere('x.info'),
};
