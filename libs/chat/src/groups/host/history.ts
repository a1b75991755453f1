/** The last hundred content items of a group that we host, as they are now: for those who come (directory §2.4). */
import type { HistoryItem } from '../../records/host-records.ts';
import { type FileDescriptionPart, groupAllows, isAtLeast, type JsonObject, type MessageContent } from '@polyplex/protocol-chat';
import { hashed, keyOf } from '../../records/keys.ts';
import type { Group, Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';

const MAX_ITEMS = 100;
/** Of a file's description: more than any real one has. */
const MAX_PARTS = 16;

/** A message as it came or was sent. */
export interface Content {
  readonly msgId: string | null;
  readonly json: JsonObject;
  /** ISO 8601. */
  readonly at: string;
}

function ofKey(groupId: number, author: Pick<Member, 'memberNumber'> | null, msgId: string): string {
  return `${keyOf(groupId)}/${hashed(String(author?.memberNumber ?? 0), msgId)}`;
}

export function historyCounter(groupId: number): string {
  return `history/${String(groupId)}`;
}

function keepsHistory({ profile, own }: Group): boolean {
  return isAtLeast(own.role, 'admin') && groupAllows(profile.groupPreferences, 'history', own.role);
}

/**
 * Of the parameters of `x.msg.new`, as they came: what disappears by itself, and what is for moderators, is not kept. Nor is the welcome message,
 * which we were sent ourselves by who brought us in: it is not of the conversation.
 */
function isKept({ profile }: Group, { scope, ttl, content }: JsonObject): boolean {
  const { type, text } = content as JsonObject;
  return (scope ?? null) === null && (ttl ?? null) === null && type !== 'report' && (type !== 'text' || text !== profile.description);
}

/** New content to the whole group; null: ours. `json` has been read: its parameters are those of `x.msg.new`. */
export function remember(step: Step, group: Group, author: Member | null, { msgId, json, at }: Content): void {
  const params = json['params'] as JsonObject;
  if (msgId === null || !keepsHistory(group) || !isKept(group, params)) return;
  const { groupId } = group;
  const place = ofKey(groupId, author, msgId);
  if (step.records.get('history-of', place) !== undefined) return;
  const number = step.records.next(historyCounter(groupId));
  const hasText = (params['content'] as JsonObject)['text'] !== '';
  const hasFile = (params['file'] ?? null) !== null;
  step.records.put('history-of', place, number);
  step.records.put('history', keyOf(groupId, number), { memberNumber: author?.memberNumber ?? null, msgId, json, at, since: step.now, hasText, hasFile, parts: [] });
  if (number > MAX_ITEMS) forgetItem(step, groupId, number - MAX_ITEMS);
}

function forgetItem(step: Step, groupId: number, number: number): void {
  const key = keyOf(groupId, number);
  const item = step.records.get('history', key);
  if (item === undefined) return;
  step.records.remove('history', key);
  step.records.remove('history-of', ofKey(groupId, item.memberNumber === null ? null : { memberNumber: item.memberNumber }, item.msgId));
}

interface Named {
  readonly groupId: number;
  /** Null: we. */
  readonly author: Member | null;
  readonly msgId: string;
}

function change(step: Step, { groupId, author, msgId }: Named, work: (item: HistoryItem, number: number) => void): void {
  const number = step.records.get('history-of', ofKey(groupId, author, msgId));
  const item = number === undefined ? undefined : step.records.get('history', keyOf(groupId, number));
  if (item !== undefined) work(item, number!);
}

/** The item's content, and whom it mentions, as its author has changed them; `params` as they came. */
export function editHistory(step: Step, named: Named, { content, params }: { readonly content: MessageContent; readonly params: JsonObject }): void {
  change(step, named, (item, number) => {
    const { mentions: _mentions, live: _live, ...kept } = item.json['params'] as JsonObject;
    const { content: json, mentions } = params;
    step.records.put('history', keyOf(named.groupId, number), {
      ...item, json: { ...item.json, params: { ...kept, content: json, ...(mentions === undefined ? {} : { mentions }) } }, hasText: content.text !== '',
    });
  });
}

/** A part of the description of the item's file. */
export function describeFile(step: Step, named: Named, part: FileDescriptionPart): void {
  change(step, named, (item, number) => {
    if (!item.hasFile || item.parts.length >= MAX_PARTS || item.parts.some(({ fileDescrPartNo }) => fileDescrPartNo === part.fileDescrPartNo)) return;
    const parts = [...item.parts, part].sort((a, b) => a.fileDescrPartNo - b.fileDescrPartNo);
    step.records.put('history', keyOf(named.groupId, number), { ...item, parts });
  });
}

/** The item's file is not there any more. */
export function cancelFile(step: Step, named: Named): void {
  change(step, named, (item, number) => step.records.put('history', keyOf(named.groupId, number), { ...item, hasFile: false, parts: [] }));
}

export function forgetContent(step: Step, named: Named): void {
  change(step, named, (_item, number) => forgetItem(step, named.groupId, number));
}

/** Everything of a member whose messages are to go with it. */
export function forgetContentOf(step: Step, { groupId, memberNumber }: Member): void {
  const last = step.records.counter(historyCounter(groupId));
  for (let number = Math.max(1, last - MAX_ITEMS + 1); number <= last; number++) {
    if (step.records.get('history', keyOf(groupId, number))?.memberNumber === memberNumber) forgetItem(step, groupId, number);
  }
}
