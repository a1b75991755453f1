/**
 * When links of channels are read again (directory §3.8). What is due is a record, so that a restart goes on where it was; some are begun at a time, those
 * first that have waited for longest.
 */
import { HOUR } from '@polyplex/base';
import type { ChatEvent, Group } from '@polyplex/chat';
import { publicGroupOf } from '@polyplex/protocol-chat';
import { isSameLink, placeOf } from '../links/same-link.ts';
import type { DirectoryOptions } from '../options.ts';
import type { DirectoryRecords } from '../records/directory-records.ts';
import type { ChannelFacts, Registration } from '../records/records.ts';
import { attempt, type Turn } from '../turn.ts';

/** Begun at once, each time that `beginLinkChecks` is called. */
export const MAX_CHECKS_BEGUN = 5;
/** What has no answer for so long is begun again. */
const GIVEN_UP_MS = HOUR;

/** Of the channels that are read at all: those that the bot has joined. */
export function isChecked({ channel, state }: Registration): boolean {
  return channel !== undefined && state !== 'proposed' && state !== 'removed';
}

/** In a time of its own for each, evenly: multiples of the golden ratio never crowd. */
const GOLDEN = 0.618_033_988_749_895;

function spreadDue(groupId: number, now: number, intervalMs: number): number {
  return now + Math.floor(((groupId * GOLDEN) % 1) * intervalMs);
}

/** At each start: the interval may be another, or none have been read before. */
export function planLinkChecks(
  { linkCheckMs = 0 }: DirectoryOptions, records: DirectoryRecords, { registrations, now }: { readonly registrations: readonly Registration[]; readonly now: number },
): void {
  if (linkCheckMs === 0) return;
  for (const registration of registrations.filter(isChecked)) {
    const check = records.linkCheck(registration.groupId);
    if (check !== undefined && check.dueAt <= now + linkCheckMs) continue;
    records.putLinkCheck(registration.groupId, { dueAt: spreadDue(registration.groupId, now, linkCheckMs), since: check?.since ?? null });
  }
}

/** Its link was read just now. */
export function scheduleLinkCheck({ options: { linkCheckMs = 0 }, records, step }: Turn, groupId: number): void {
  if (linkCheckMs > 0) records.putLinkCheck(groupId, { dueAt: step.now + linkCheckMs, since: records.linkCheck(groupId)?.since ?? null });
}

/** No relay is left: its link may tell of others. */
export function onUnreachable({ options: { linkCheckMs = 0 }, records, step }: Turn, { group: { groupId } }: Extract<ChatEvent, { type: 'channel-unreachable' }>): void {
  const check = records.linkCheck(groupId);
  if (linkCheckMs > 0 && check !== undefined) records.putLinkCheck(groupId, { ...check, dueAt: Math.min(check.dueAt, step.now) });
}

/** All are due at once, and begun as ever, some at a time; answers how many, or null where links are not read again. */
export function hurryLinkChecks({ options: { linkCheckMs = 0 }, index, records, step: { now } }: Turn): number | null {
  if (linkCheckMs === 0) return null;
  const channels = [...index.entries()].filter(({ isChannel }) => isChannel).flatMap(({ groupId }) => records.registration(groupId) ?? []);
  const checked = channels.filter(isChecked);
  for (const { groupId } of checked) {
    const { dueAt, since } = records.linkCheck(groupId) ?? { dueAt: now, since: null };
    records.putLinkCheck(groupId, { dueAt: Math.min(dueAt, now), since });
  }
  return checked.length;
}

/** Now and then; what is not due is not looked at. */
export function beginLinkChecks(turn: Turn): void {
  const { options: { linkCheckMs = 0 }, records, step } = turn;
  if (linkCheckMs === 0) return;
  for (const groupId of records.dueLinkChecks(step.now, MAX_CHECKS_BEGUN)) beginOne(turn, groupId, step.now + linkCheckMs);
}

function beginOne(turn: Turn, groupId: number, dueAt: number): void {
  const { records, step: { now } } = turn;
  const registration = records.registration(groupId);
  if (registration?.channel === undefined || !isChecked(registration)) return records.removeLinkCheck(groupId);
  const since = records.linkCheck(groupId)?.since ?? null;
  if (since !== null && now - since < GIVEN_UP_MS) return records.putLinkCheck(groupId, { dueAt, since });
  records.putLinkCheck(groupId, { dueAt, since: now });
  const group = turn.step.group(groupId);
  lookUp(turn, groupId, (group && movedTo(group, registration.channel)) ?? registration.channel.link);
}

/** It may be read again when it is due. */
export function answered({ records }: Turn, groupId: number): void {
  const check = records.linkCheck(groupId);
  if (check !== undefined) records.putLinkCheck(groupId, { ...check, since: null });
}

export function lookUp(turn: Turn, groupId: number, link: string): void {
  attempt(turn, () => turn.step.lookUpChannel(link, { about: `check ${groupId}` }));
}

/** Another link that the owners say the channel has now; null: none. */
function movedTo({ profile }: Group, { link }: ChannelFacts): string | null {
  const claimed = publicGroupOf(profile)?.groupLink ?? link;
  return placeOf(claimed)?.isGroup === true && !isSameLink(claimed, link) ? claimed : null;
}
