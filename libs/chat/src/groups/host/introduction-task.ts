/** The task that brings a newcomer in: introductions, then what happened before it came and meanwhile (directory §2.4). */
import { groupAllows, supports } from '@polyplex/protocol-chat';
import type { ChatReader } from '../../records/chat-reader.ts';
import { keyOf } from '../../records/keys.ts';
import type { Group, Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';
import { sendToMember, sendToMembers } from '../send.ts';
import { historySlice } from './history-sending.ts';
import { ANNOUNCED_AT_ONCE, announceSlice, type Introduction, newcomer, type Place, planIntroduction, type Standing, tellSlice, TOLD_AT_ONCE } from './introduce.ts';
import { begin, ranAhead, setAside, turnOf } from './pace.ts';
import { notReachedBy } from './relations.ts';

/** What a task of a host needs: its slices are changes of their own. */
export interface HostTaskContext {
  read<T>(work: (reader: ChatReader) => T): T;
  change<T>(work: (step: Step) => T): Promise<T>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Nothing more is to be done now: the task goes on after a restart. */
  isClosed(): boolean;
}

/** What is passed on to the newcomer at the end, in one step. */
const DELAYED_SLICE = 4;

export function beginIntroduction(step: Step, member: Member, to: Introduction['to']): void {
  const key = keyOf(member.groupId, member.memberNumber);
  const pace = step.records.get('pace', key);
  if (pace !== undefined) step.records.put('pace', key, { ...pace, to, isAside: false });
  begin(step, member, to);
}

/** Resolves when everything is stored, or the newcomer is waited for, which begins the task anew; the task is the caller's to remove. */
export async function introduceAll(context: HostTaskContext, task: Introduction): Promise<void> {
  const plan = context.read((reader) => (newcomer(reader, task) === null ? [] : planIntroduction(reader, task, context.random)));
  let standing: Standing = 'goes';
  for (let from = 0; from < plan.length && standing === 'goes' && !context.isClosed(); from += TOLD_AT_ONCE) {
    standing = await introduceSome(context, task, plan.slice(from, from + TOLD_AT_ONCE));
  }
  if (standing === 'ahead') return;
  const slice = standing === 'away' ? asideSlice : finishSlice;
  while (!context.isClosed() && await context.change((step) => slice(step, task)));
}

/** They hear of the newcomer, and it of them. */
async function introduceSome(context: HostTaskContext, task: Introduction, numbers: readonly number[]): Promise<Standing> {
  for (let from = 0; from < numbers.length && !context.isClosed(); from += ANNOUNCED_AT_ONCE) {
    const slice = numbers.slice(from, from + ANNOUNCED_AT_ONCE);
    const standing = await context.change((step) => announceSlice(step, task, slice));
    if (standing !== 'goes') return standing;
  }
  for (let from = 0; from < numbers.length && !context.isClosed();) {
    const rest = numbers.slice(from);
    const looked = await context.change((step) => tellSlice(step, task, rest));
    if (typeof looked === 'string') return looked;
    from += looked;
  }
  return 'goes';
}

/** Whether it is still what the newcomer waits for. */
function isOpen(step: Step, { groupId, memberNumber, to }: Introduction): boolean {
  return step.records.get('introducing', keyOf(groupId, memberNumber)) === to;
}

/** What comes after the introductions; whether there is more of it now. */
function finishSlice(step: Step, task: Introduction): boolean {
  if (!isOpen(step, task)) return false;
  const key = keyOf(task.groupId, task.memberNumber);
  const member = newcomer(step, task);
  const group = step.group(task.groupId);
  if (member === null || group === undefined) return end(step, key);
  const turn = turnOf(step, member);
  if (turn === 'ahead') return false;
  return turn === 'away' ? asideSlice(step, task) : catchUpSlice(step, task, { group, member });
}

/** What was said before it came, and meanwhile. */
function catchUpSlice(step: Step, task: Introduction, { group, member }: Place): boolean {
  const key = keyOf(task.groupId, task.memberNumber);
  if (task.to === 'all' && getsHistory(group, member)) {
    const { messages, hasMore } = historySlice(step, group, member);
    ranAhead(step, task, { messages, told: [] });
    if (hasMore) return true;
  }
  if (delayedSlice(step, task, member)) return true;
  if (task.to === 'all') step.records.remove('arrival', key);
  return end(step, key);
}

/** The newcomer does not read: what was delayed for it and by it waits as anything else does, and the rest is done another time. */
function asideSlice(step: Step, task: Introduction): boolean {
  if (!isOpen(step, task)) return false;
  const key = keyOf(task.groupId, task.memberNumber);
  const member = newcomer(step, task);
  if (member === null) return end(step, key);
  // It reads again, and was not set aside yet.
  if (turnOf(step, member) !== 'away') {
    step.addTask(task);
    return false;
  }
  if (delayedSlice(step, task, member)) return true;
  setAside(step, task);
  return end(step, key);
}

/** It will not be brought in any further: nothing waits for that. */
export function introductionFailed(step: Step, { groupId, memberNumber, to }: Introduction): void {
  const key = keyOf(groupId, memberNumber);
  if (step.records.get('introducing', key) === to) end(step, key);
}

function end(step: Step, key: string): false {
  step.records.remove('introducing', key);
  step.records.removeAll('delayed', `${key}/`);
  return false;
}

export function getsHistory({ profile, own }: Group, { versions }: Member): boolean {
  return groupAllows(profile.groupPreferences, 'history', own.role) && supports(versions, 'groupBatches');
}

/** Whether there may be more. What is of the newcomer goes to many, and is a step of its own. */
function delayedSlice(step: Step, task: Introduction, member: Member): boolean {
  const { groupId, memberNumber } = task;
  const rows = step.records.list('delayed', `${keyOf(groupId, memberNumber)}/`, DELAYED_SLICE);
  const ownAt = rows.findIndex(({ value }) => value.is === 'from');
  const taken = ownAt < 0 ? rows : rows.slice(0, Math.max(ownAt, 1));
  const messages: (number | null)[] = [];
  for (const { key, value: { is, message } } of taken) {
    step.records.remove('delayed', key);
    if (is === 'to') messages.push(sendToMember(step, member, message));
    else sendToMembers(step, groupId, { members: notReachedBy(step.records, groupId, memberNumber), message });
  }
  ranAhead(step, task, { messages, told: [] });
  return taken.length < rows.length || rows.length === DELAYED_SLICE;
}
