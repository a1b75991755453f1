/**
 * Whom a message to a group goes to, and how (directory §2.4, "sender side for a member without a ready connection"). To few at once; to many by a
 * task, some at a time, so that no step takes long; messages of a group never overtake each other.
 */
import { AgentError } from '@polyplex/agent';
import { type SentEvent, supports } from '@polyplex/protocol-chat';
import { bodyOf, outgoing } from '../compose.ts';
import type { Group, Member, OutgoingMessage } from '../records/records.ts';
import { MAX_AUTH_ERRORS, MAX_QUOTA_ERRORS } from '../records/delivery.ts';
import { connectedIn, type RosterEntry } from '../records/roster.ts';
import type { Step } from '../step.ts';
import { forgetWaiting, isWaiting, wait } from '../waiting.ts';
import { relayBody } from './channels/saying.ts';

/** So many are sent to in one step, of which each costs a message of the agent. */
export const SLICE = 4;

const broadcastsOf = (groupId: number): string => `broadcasts/${String(groupId)}`;

/** Messages go to it at once, as far as is known: neither has it long not read, nor is its queue gone. */
export function isTaken({ isReady, delivery: { authErrors, quotaErrors } }: Member): boolean {
  return isReady && quotaErrors < MAX_QUOTA_ERRORS && authErrors < MAX_AUTH_ERRORS;
}

/** To one member, now or when its connection is there; the agent's number of what is sent now, otherwise null. Throws TOO_LARGE. */
export function sendToMember(step: Step, member: Member, message: OutgoingMessage): number | null {
  if (member.delivery.authErrors >= MAX_AUTH_ERRORS) return null;
  const place = { groupId: member.groupId, number: member.memberNumber };
  const sent = isTaken(member) && !isWaiting(step, place) ? sendNow(step, member, message) : null;
  if (sent !== null) return sent;
  if (member.isReady || !isPassedOn(member, message)) wait(step, place, message);
  return null;
}

/** Whoever introduced us to each other forwards it. */
function isPassedOn({ category, versions }: Member, { isForwardable }: OutgoingMessage): boolean {
  return (category === 'pre' || category === 'post') && isForwardable && supports(versions, 'forwarding');
}

type Addressee = Pick<Member, 'groupId' | 'role' | 'connectionId' | 'versions'>;

/** The agent's number of the message; null: not while the keys of its connection are being renewed. Throws TOO_LARGE. */
export function sendNow(step: Step, { groupId, role, connectionId, versions }: Addressee, { text, event, notify }: Pick<OutgoingMessage, 'text' | 'notify'> & Partial<OutgoingMessage>): number | null {
  if (connectionId === null) return null;
  const body = role === 'relay' ? relayBody(step, groupId, text) : bodyOf(text, { postQuantum: false, versions });
  try {
    const messageId = step.agent.send(connectionId, body, { notify });
    if (event !== undefined) step.count(({ sent }) => sent.add(event));
    return messageId;
  } catch (error) {
    if (error instanceof AgentError && (error.code === 'PROHIBITED' || error.code === 'UNKNOWN')) return null;
    throw error;
  }
}

/** An event to one member. */
export function tellMember(step: Step, member: Member, event: SentEvent, msgId?: string): void {
  sendToMember(step, member, outgoing(event, msgId));
}

export interface Audience {
  /** Default: all current members. */
  readonly to?: (entry: RosterEntry) => boolean;
  readonly except?: readonly number[];
}

const isCurrentEntry = ({ isCurrent }: RosterEntry): boolean => isCurrent;

/** Whom a message to a group goes to: member numbers. */
export function audienceOf(step: Step, { groupId }: Pick<Group, 'groupId'>, { to = isCurrentEntry, except = [] }: Audience = {}): readonly number[] {
  // Relays pass on to all others of a channel.
  if (step.group(groupId)?.channel !== undefined) return connectedIn(step.records, groupId).filter((memberNumber) => !except.includes(memberNumber));
  return step.roster(groupId).filter((entry) => to(entry) && !except.includes(entry.memberNumber)).map(({ memberNumber }) => memberNumber);
}

/** An event to a group; its shared id. Throws TOO_LARGE, and then has changed nothing. */
export function tellGroup(step: Step, group: Pick<Group, 'groupId'>, event: SentEvent, audience: Audience = {}): string {
  const msgId = step.newId();
  const message = outgoing(event, msgId);
  bodyOf(message.text, { postQuantum: false, versions: { min: 1, max: 1 } });
  sendToMembers(step, group.groupId, { members: audienceOf(step, group, audience), message });
  return msgId;
}

export interface Broadcast {
  readonly members: readonly number[];
  /** Null: nothing is said. */
  readonly message: OutgoingMessage | null;
  /** Their connections go when it has left. */
  readonly thenDelete?: boolean;
}

/** To these, at once where they are few and nothing to the group is under way. */
export function sendToMembers(step: Step, groupId: number, { members, message, thenDelete = false }: Broadcast): void {
  if (members.length > SLICE || step.records.counter(broadcastsOf(groupId)) > 0) {
    step.records.add(broadcastsOf(groupId), 1);
    return step.addTask({ do: 'broadcast', groupId, members, message, thenDelete });
  }
  sendSlice(step, groupId, { members, message, thenDelete });
}

/** A broadcast is through, or will never be. */
export function broadcastEnded(step: Step, groupId: number): void {
  step.records.add(broadcastsOf(groupId), -1);
}

export function sendSlice(step: Step, groupId: number, { members, message, thenDelete = false }: Broadcast): void {
  for (const memberNumber of members) {
    const member = step.member(groupId, memberNumber);
    if (member === undefined) continue;
    if (message !== null) sendToMember(step, member, message);
    if (!thenDelete) continue;
    forgetWaiting(step, { groupId, number: memberNumber });
    dropConnection(step, member);
  }
}

/** The member's connection goes when what was sent has left. */
export function dropConnection(step: Step, { groupId, memberNumber, connectionId }: Member): void {
  if (connectionId === null) return;
  step.drop(connectionId);
  step.updateMember({ groupId, memberNumber }, { connectionId: null, isReady: false });
}
