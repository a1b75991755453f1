/** A group's history to a newcomer (directory §2.4): each item as the message it was, passed on; the oldest first; the welcome message last. */
import { DAY } from '@polyplex/base';
import { batchMessages, type JsonObject, MAX_MESSAGE_BYTES, supports } from '@polyplex/protocol-chat';
import { outgoing } from '../../compose.ts';
import type { Arrival, HistoryItem } from '../../records/host-records.ts';
import { keyOf } from '../../records/keys.ts';
import type { Group, Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';
import { sendToMember } from '../send.ts';
import { historyCounter } from './history.ts';
import { fits } from './member-info.ts';
import { passedOn } from './passed-on.ts';

const MAX_ITEMS = 100;
/** So much in a step: what two messages hold. */
const SLICE_ITEMS = 50;
const SLICE_CHARACTERS = 2 * MAX_MESSAGE_BYTES;
/** As long as file servers keep a file. */
const FILE_LIFE_MS = 2 * DAY;

const NOTHING_KNOWN: Arrival = { requestId: null, hasWelcome: false, history: null };

/** The agent's numbers of messages; null where they wait. */
interface Slice {
  readonly messages: readonly (number | null)[];
  readonly hasMore: boolean;
}

/** A part of it. Where it is interrupted, it goes on after what was sent. */
export function historySlice(step: Step, group: Group, member: Member): Slice {
  const { groupId, memberNumber } = member;
  const key = keyOf(groupId, memberNumber);
  const arrival = step.records.get('arrival', key) ?? NOTHING_KNOWN;
  const last = step.records.counter(historyCounter(groupId));
  const { after, until } = arrival.history ?? { after: Math.max(0, last - MAX_ITEMS), until: last };
  if (arrival.history !== null && after >= until) return { messages: [], hasMore: false };
  const { texts, reached } = collected(step, group, { after, until });
  if (reached >= until) texts.push(...welcome(step, group, { member, hasWelcome: arrival.hasWelcome }));
  const messages = batchMessages(texts).map((text) => sendToMember(step, member, { text, event: 'x.grp.msg.forward', notify: false, isForwardable: false }));
  step.records.put('arrival', key, { ...arrival, history: { after: reached, until } });
  return { messages, hasMore: reached < until };
}

function collected(step: Step, group: Group, { after, until }: NonNullable<Arrival['history']>): { readonly texts: string[]; readonly reached: number } {
  const texts: string[] = [];
  let reached = after;
  let size = 0;
  while (reached < until && reached - after < SLICE_ITEMS && size < SLICE_CHARACTERS) {
    reached++;
    const item = step.records.get('history', keyOf(group.groupId, reached));
    for (const text of item === undefined ? [] : messagesOf(step, group, item)) {
      texts.push(text);
      size += text.length;
    }
  }
  return { texts, reached };
}

/** None where its author is blocked, or nothing of it is left to see. */
function messagesOf(step: Step, group: Group, item: HistoryItem): string[] {
  const author = item.memberNumber === null ? { ...group.own, displayName: step.profile.displayName, isBlocked: false } : authorOf(step, group.groupId, item.memberNumber);
  const hasFile = item.hasFile && item.parts.length > 0 && step.now - item.since < FILE_LIFE_MS;
  if (author === null || author.isBlocked || !(item.hasText || hasFile)) return [];
  const messages = [messageOf(item, hasFile), ...(hasFile ? item.parts.map((part) => descriptionOf(item, part)) : [])];
  const sent = messages.map((msg) => passedOn(author, { msg, at: item.at })).filter((message) => fits(message, MAX_MESSAGE_BYTES));
  return sent.map(({ text }) => text);
}

function authorOf(step: Step, groupId: number, memberNumber: number): { readonly memberId: string; readonly displayName: string; readonly isBlocked: boolean } | null {
  const member = step.member(groupId, memberNumber);
  return member === undefined ? null : { memberId: member.memberId, displayName: member.profile.displayName, isBlocked: member.isBlocked };
}

function messageOf({ json }: HistoryItem, hasFile: boolean): JsonObject {
  if (hasFile) return json;
  const { file: _gone, ...params } = json['params'] as JsonObject;
  return { ...json, params };
}

function descriptionOf({ json }: HistoryItem, fileDescr: HistoryItem['parts'][number]): JsonObject {
  return { v: json['v'], event: 'x.msg.file.descr', params: { msgId: json['msgId'], fileDescr } };
}

/** Who joined by a link whose message it has seen does not get it again. */
function welcome(step: Step, { profile: { description } }: Group, { member, hasWelcome }: { readonly member: Member; readonly hasWelcome: boolean }): string[] {
  if (description === undefined || description === '' || hasWelcome || !supports(member.versions, 'welcomeInHistory')) return [];
  const message = outgoing({ event: 'x.msg.new', params: { content: { type: 'text', text: description } } }, step.newId());
  return fits(message, MAX_MESSAGE_BYTES) ? [message.text] : [];
}
