/** A handshake that comes to nothing: refused by the other side's relay, since the invitation or address is no more; or what came with it is not taken. */
import { relayFailed } from '../groups/channels/joining.ts';
import { forgetContact } from '../contacts/send.ts';
import { joinFailed } from '../groups/membership/invited.ts';
import { endMember } from '../groups/membership/ending.ts';
import type { ConnectionOwner } from '../records/records.ts';
import { isRemoved } from '../records/status.ts';
import type { Step } from '../step.ts';

interface Refused {
  readonly connectionId: string;
  readonly reason: string;
}

export function notBegun(step: Step, owner: ConnectionOwner, refused: Refused): void {
  if (owner.type === 'contact') contactNotBegun(step, owner.contactId);
  if (owner.type === 'joining') joiningNotBegun(step, owner.groupId, refused);
  if (owner.type === 'member') memberNotBegun(step, owner, refused);
}

function contactNotBegun(step: Step, contactId: number): void {
  const contact = step.contact(contactId);
  if (contact?.status === 'connecting') forgetContact(step, contact);
}

function joiningNotBegun(step: Step, groupId: number, { connectionId, reason }: Refused): void {
  step.drop(connectionId);
  const { own } = step.knownGroup(groupId);
  step.emit({ type: 'group-join-failed', group: step.updateGroup(groupId, { own: { ...own, status: 'removed' } }), reason });
}

function memberNotBegun(step: Step, { groupId, memberNumber }: Extract<ConnectionOwner, { readonly type: 'member' }>, { connectionId, reason }: Refused): void {
  const member = step.member(groupId, memberNumber);
  if (member === undefined || member.isReady) return;
  if (member.role === 'relay') return relayFailed(step, member, reason);
  if (member.category === 'invitee' && !isRemoved(member)) return void endMember(step, member, 'removed');
  step.drop(connectionId);
  step.updateMember(member, { connectionId: null });
  if (member.category === 'host') joinFailed(step, groupId, reason);
}
