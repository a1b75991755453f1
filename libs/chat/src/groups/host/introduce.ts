/**
 * Introductions (directory §2.4): those who are there hear of the newcomer, some at a time, and then the newcomer of them, of as many as a message
 * holds. Each time is one transaction that also remembers who has heard of whom, so that it goes on where it was after a restart, and nobody
 * hears of anybody twice.
 */
import { batchMessages, MAX_MESSAGE_BYTES, supports } from '@polyplex/protocol-chat';
import type { ChatReader } from '../../records/chat-reader.ts';
import { MAX_AUTH_ERRORS } from '../../records/delivery.ts';
import type { HostTask } from '../../records/host-records.ts';
import type { Group, Member, OutgoingMessage } from '../../records/records.ts';
import { isCurrent, isModerator } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { sendToMember } from '../send.ts';
import { introductionOrder } from './introduction-order.ts';
import { aboutMember, memberInfo, restrictionsOf } from './member-info.ts';
import { ranAhead, turnOf, type Turn } from './pace.ts';
import { announceTo, areIntroduced, introducedTo, tellOf } from './relations.ts';

export type Introduction = Extract<HostTask, { readonly do: 'introduce' }>;

/** How an introduction stands: `over`: it is not wanted any more. */
export type Standing = Turn | 'over';

/** So many hear of the newcomer in a step: each costs a message of the agent. */
export const ANNOUNCED_AT_ONCE = 4;

/** Of so many the newcomer hears after they have heard of it. */
export const TOLD_AT_ONCE = 32;

/** The newcomer, as long as the introduction is what it waits for, and it has a queue. */
export function newcomer(reader: ChatReader, { groupId, memberNumber, to }: Introduction): Member | null {
  const member = reader.member(groupId, memberNumber);
  const status = to === 'all' ? 'connected' : 'pending_review';
  return member?.status === status && member.delivery.authErrors < MAX_AUTH_ERRORS ? member : null;
}

/** Who is to be introduced to it, in order. */
export function planIntroduction(reader: ChatReader, { groupId, memberNumber, to }: Introduction, random: () => number): number[] {
  const done = new Set(introducedTo(reader.records, groupId, memberNumber));
  const others = reader.roster(groupId).filter((entry) =>
    entry.isCurrent && entry.memberNumber !== memberNumber && !done.has(entry.memberNumber) && (to === 'all' || entry.isModerator));
  return introductionOrder(others, random);
}

export interface Place {
  readonly group: Group;
  readonly member: Member;
}

function placeOf(step: Step, task: Introduction): Place | Exclude<Standing, 'goes'> {
  const group = step.group(task.groupId);
  const member = newcomer(step, task);
  if (group === undefined || member === null || !isCurrent(group.own)) return 'over';
  const turn = turnOf(step, member);
  return turn === 'goes' ? { group, member } : turn;
}

function isWanted(other: Member | undefined, to: Introduction['to']): other is Member {
  if (other === undefined || !isCurrent(other)) return false;
  return to === 'all' || (isModerator(other) && supports(other.versions, 'knocking'));
}

/** These who are wanted, and whom the newcomer has not heard of. */
function wantedOf(step: Step, { groupId, memberNumber, to }: Introduction, numbers: readonly number[]): Member[] {
  return numbers.flatMap((number) => {
    const other = step.member(groupId, number);
    return isWanted(other, to) && !areIntroduced(step.records, { groupId, from: memberNumber, to: number }) ? [other] : [];
  });
}

/** These hear of the newcomer, where they have not. */
export function announceSlice(step: Step, task: Introduction, numbers: readonly number[]): Standing {
  const place = placeOf(step, task);
  if (typeof place === 'string') return place;
  const { groupId, memberNumber } = task;
  const others = wantedOf(step, task, numbers).filter((other) => !areIntroduced(step.records, { groupId, from: other.memberNumber, to: memberNumber }));
  if (others.length === 0) return 'goes';
  const announcement = announcementOf(step, place, task.to);
  for (const other of others) sendToMember(step, other, announcement);
  announceTo(step.records, { groupId, member: memberNumber, others: others.map((other) => other.memberNumber) });
  return 'goes';
}

function announcementOf(step: Step, { group, member }: Place, to: Introduction['to']): OutgoingMessage {
  const scope = to === 'all' ? {} : { scope: { type: 'member', memberId: member.memberId } as const };
  return aboutMember(memberInfo(group, member), (info) => ({ event: 'x.grp.mem.new', params: { memberInfo: info, ...scope } }), step.newId());
}

/** The newcomer hears of the first of these, of as many as a message or two hold; how many were looked at. */
export function tellSlice(step: Step, task: Introduction, numbers: readonly number[]): number | Exclude<Standing, 'goes'> {
  const place = placeOf(step, task);
  if (typeof place === 'string') return place;
  const texts: string[] = [];
  const told: number[] = [];
  let looked = 0;
  for (let size = 0; looked < numbers.length && size < MAX_MESSAGE_BYTES; looked++) {
    const [other] = wantedOf(step, task, numbers.slice(looked, looked + 1));
    if (other === undefined) continue;
    const text = introductionOf(place, other);
    size += text.length;
    texts.push(text);
    told.push(other.memberNumber);
  }
  tellOf(step.records, { groupId: task.groupId, member: task.memberNumber, others: told });
  ranAhead(step, task, { messages: sendIntroductions(step, place.member, texts), told });
  return looked;
}

function introductionOf({ group }: Place, other: Member): string {
  const restrictions = restrictionsOf(other);
  return aboutMember(memberInfo(group, other), (info) => ({
    event: 'x.grp.mem.intro', params: { memberInfo: info, ...(restrictions && { memberRestrictions: restrictions }) },
  })).text;
}

/** In batches where the newcomer reads them. */
function sendIntroductions(step: Step, member: Member, texts: readonly string[]): (number | null)[] {
  const sent = supports(member.versions, 'groupBatches') ? batchMessages(texts) : texts;
  return sent.map((text) => sendToMember(step, member, { text, event: 'x.grp.mem.intro', notify: false, isForwardable: false }));
}
