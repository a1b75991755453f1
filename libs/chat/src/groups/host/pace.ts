/**
 * A newcomer is introduced as fast as its relay takes what it is told (directory §2.4): some messages ahead, then the task ends, and begins again
 * when the relay has them. Whoever does not read keeps so much waiting, and nobody else. When its queue has been full five times, within two hours,
 * it is set aside: what is left is done when it reads again, be it after months. What the agent has given up by then, after seven days, is told again.
 */
import type { HostTask, Pace } from '../../records/host-records.ts';
import { keyOf } from '../../records/keys.ts';
import type { Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';
import { isWaiting } from '../../waiting.ts';
import { isTaken } from '../send.ts';
import { forgetIntroduced } from './relations.ts';

type Introduction = Extract<HostTask, { readonly do: 'introduce' }>;

/** Messages that its relay has not taken yet. */
const AHEAD = 8;

/** `goes`: it may be told more. `ahead`: when its relay has what it was told, or what waited before has left. `away`: when it reads again. */
export type Turn = 'goes' | 'ahead' | 'away';

type MemberPlace = Pick<Member, 'groupId' | 'memberNumber'>;

const keyOfMember = ({ groupId, memberNumber }: MemberPlace): string => keyOf(groupId, memberNumber);

/** It reads, as far as is known, and has the keys. */
function reads(step: Step, member: Member): boolean {
  return isTaken(member) && member.connectionId !== null && step.agent.canSend(member.connectionId);
}

export function turnOf(step: Step, member: Member): Turn {
  const pace = step.records.get('pace', keyOfMember(member));
  if (pace?.isAside === true || !reads(step, member)) return 'away';
  const isAhead = (pace !== undefined && pace.count >= AHEAD) || isWaiting(step, { groupId: member.groupId, number: member.memberNumber });
  return isAhead ? 'ahead' : 'goes';
}

/** Messages were given to the newcomer, by the agent's numbers. */
export function ranAhead(step: Step, { groupId, memberNumber, to }: Omit<Introduction, 'do'>, { messages, told }: { readonly messages: readonly (number | null)[]; readonly told: readonly number[] }): void {
  const sent = messages.filter((messageId) => messageId !== null);
  if (sent.length === 0) return;
  const key = keyOf(groupId, memberNumber);
  const before = step.records.get('pace', key) ?? NONE;
  step.records.put('pace', key, { to, lastId: sent.at(-1)!, count: before.count + sent.length, told: [...before.told, ...told], isAside: false });
}

const NONE: Pick<Pace, 'count' | 'told'> = { count: 0, told: [] };

/** The newcomer is not waited for any more. */
export function setAside(step: Step, { groupId, memberNumber, to }: Introduction): void {
  const key = keyOf(groupId, memberNumber);
  const { lastId, count, told } = step.records.get('pace', key) ?? { ...NONE, lastId: null };
  step.records.put('pace', key, { to, lastId, count, told, isAside: true });
}

export function begin(step: Step, { groupId, memberNumber }: MemberPlace, to: Pace['to']): void {
  step.records.put('introducing', keyOf(groupId, memberNumber), to);
  step.addTask({ do: 'introduce', groupId, memberNumber, to });
}

/** Its relay has a message; a newcomer that was set aside reads again. */
export function messageTaken(step: Step, place: MemberPlace, messageId: number): void {
  const key = keyOfMember(place);
  const pace = step.records.get('pace', key);
  if (pace === undefined) return;
  if (pace.lastId === messageId) {
    if (pace.isAside) step.records.put('pace', key, { ...pace, ...NONE, lastId: null });
    else step.records.remove('pace', key);
    if (pace.count >= AHEAD) again(step, place);
  }
  const member = pace.isAside ? step.member(place.groupId, place.memberNumber) : undefined;
  if (member !== undefined) goOnIntroducing(step, member);
}

/** A message to it will never be taken: those of whom it was told by the ones since then are told of again, when it reads. */
export function messageLost(step: Step, place: MemberPlace, messageId: number): void {
  const key = keyOfMember(place);
  const pace = step.records.get('pace', key);
  if (pace === undefined || pace.lastId === null || messageId > pace.lastId) return;
  forgetIntroduced(step.records, { groupId: place.groupId, member: place.memberNumber, others: pace.told });
  step.records.put('pace', key, { ...NONE, to: pace.to, lastId: null, isAside: true });
  again(step, place);
}

/** Its queue has been full for long: the task that waits for it sees that. */
export function longFull(step: Step, place: MemberPlace): void {
  if (step.records.get('pace', keyOfMember(place)) !== undefined) again(step, place);
}

/** What waited for it has left: what waits for that goes on, and what was set aside where it reads again. */
export function goOnIntroducing(step: Step, member: Member): void {
  const key = keyOfMember(member);
  const pace = step.records.get('pace', key);
  if (pace?.isAside !== true) return again(step, member);
  if (!reads(step, member)) return;
  if (pace.lastId === null) step.records.remove('pace', key);
  else step.records.put('pace', key, { ...pace, isAside: false });
  begin(step, member, pace.to);
}

/** The task goes on, or sees that it cannot. */
function again(step: Step, { groupId, memberNumber }: MemberPlace): void {
  const to = step.records.get('introducing', keyOf(groupId, memberNumber));
  if (to !== undefined) step.addTask({ do: 'introduce', groupId, memberNumber, to });
}
