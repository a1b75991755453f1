/** The relays of a channel: found, lost, and whether any is left (directory §3.8). */
import { parseShortLink } from '@polyplex/protocol-agent';
import { toBase64Url } from '@polyplex/base';
import { hashed, keyOf } from '../../records/keys.ts';
import type { Group, Member } from '../../records/records.ts';
import { isRemoved } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { endMember } from '../membership/ending.ts';
import { forgetChannel } from './keys.ts';

/** A channel has a few; each costs us a connection, and to all of them we say farewell in one step. */
const MAX_RELAYS = 8;

const relaysPrefix = (groupId: number): string => `${keyOf(groupId)}/`;

/** Links that differ in what they leave out are one relay. Null: it is no relay's. */
function relayKey(groupId: number, text: string): string | null {
  const link = parseShortLink(text);
  return link?.kind === 'r' ? `${relaysPrefix(groupId)}${hashed(toBase64Url(link.linkKey))}` : null;
}

/** Nothing where it is known, or there are too many. */
export function addRelay(step: Step, groupId: number, link: string): void {
  const key = relayKey(groupId, link);
  if (key === null || step.records.get('channel-relay', key) !== undefined) return;
  if (step.records.list('channel-relay', relaysPrefix(groupId)).length >= MAX_RELAYS) return step.ignore('too many relays of a channel');
  step.records.put('channel-relay', key, { link, memberNumber: null });
  step.addTask({ do: 'join-relay', groupId, link });
}

/** The member that a relay is, from when it was asked. */
export function relayAsked(step: Step, groupId: number, { link, memberNumber }: { readonly link: string; readonly memberNumber: number }): void {
  const key = relayKey(groupId, link);
  if (key !== null) step.records.put('channel-relay', key, { link, memberNumber });
}

export function isRelayWanted(step: Step, groupId: number, link: string): boolean {
  const key = relayKey(groupId, link);
  return key !== null && step.records.get('channel-relay', key)?.memberNumber === null;
}

/** It will not be one of ours. */
export function relayNotJoined(step: Step, groupId: number, { link, reason }: { readonly link: string; readonly reason: string }): void {
  const key = relayKey(groupId, link);
  if (key !== null) step.records.remove('channel-relay', key);
  relayLost(step, groupId, reason);
}

export function dropRelaysBut(step: Step, groupId: number, kept: readonly string[]): void {
  const keys = new Set(kept.map((link) => relayKey(groupId, link)));
  for (const { key, value: { memberNumber } } of step.records.list('channel-relay', relaysPrefix(groupId))) {
    if (keys.has(key)) continue;
    step.records.remove('channel-relay', key);
    const relay = memberNumber === null ? undefined : step.member(groupId, memberNumber);
    if (relay !== undefined && !isRemoved(relay)) endMember(step, relay, 'removed');
  }
}

/** A relay is no member any more, however that came. */
export function relayEnded(step: Step, { groupId, memberNumber }: Member, reason: string): void {
  for (const { key, value } of step.records.list('channel-relay', relaysPrefix(groupId))) {
    if (value.memberNumber === memberNumber) step.records.remove('channel-relay', key);
  }
  relayLost(step, groupId, reason);
}

/** Without any relay we hear nothing; before we were in, it comes to nothing. */
function relayLost(step: Step, groupId: number, reason: string): void {
  const group = step.group(groupId);
  if (group?.channel === undefined || isRemoved(group.own) || step.records.list('channel-relay', relaysPrefix(groupId), 1).length > 0) return;
  if (group.own.status === 'connected') return step.emit({ type: 'channel-unreachable', group });
  step.emit({ type: 'group-join-failed', group: notJoined(step, group), reason });
}

function notJoined(step: Step, group: Group): Group {
  forgetChannel(step, group);
  return step.updateGroup(group.groupId, { own: { ...group.own, status: 'removed' } });
}
