/**
 * What the members of a group are, without their profiles: one small record for 256 of them, so that whom a message goes to is found in a
 * group of ten thousand by reading forty records. Kept by `Step` with every change of a member.
 */
import { keyOf } from './keys.ts';
import { isAtLeast, supports } from '@polyplex/protocol-chat';
import type { Member } from './records.ts';
import { isCurrent, isModerator, isPending } from './status.ts';
import type { ReadableRecords } from './typed-records.ts';

const CHUNK = 256;
const BITS = { current: 1, pending: 2, ready: 4, moderator: 8, admin: 16, image: 32, forwarding: 64, knocking: 128, connection: 256 } as const;

export interface RosterEntry {
  readonly memberNumber: number;
  /** Counts as a member (directory §2.5). */
  readonly isCurrent: boolean;
  readonly isPending: boolean;
  readonly isReady: boolean;
  /** Moderator or more. */
  readonly isModerator: boolean;
  readonly isAdmin: boolean;
  readonly hasImage: boolean;
  /** Takes what is passed on, and what is said of who waits to be let in (directory §1.5). */
  readonly takesForwarded: boolean;
  readonly takesReviews: boolean;
}

export interface RosterPlace {
  readonly key: string;
  readonly at: number;
}

export function rosterPlace(groupId: number, memberNumber: number): RosterPlace {
  return { key: keyOf(groupId, Math.floor(memberNumber / CHUNK)), at: memberNumber % CHUNK };
}

export function rosterBits(member: Member): number {
  const facts = {
    current: isCurrent(member), pending: isPending(member), ready: member.isReady, moderator: isModerator(member), admin: isAtLeast(member.role, 'admin'),
    image: member.profile.image !== undefined, forwarding: supports(member.versions, 'forwarding'), knocking: supports(member.versions, 'knocking'), connection: member.connectionId !== null,
  };
  return Object.entries(BITS).reduce((bits, [name, bit]) => (facts[name as keyof typeof facts] ? bits | bit : bits), 0);
}

export function withBits(chunk: readonly number[] | undefined, at: number, bits: number): readonly number[] {
  const changed = chunk === undefined ? [] : [...chunk];
  while (changed.length <= at) changed.push(0);
  changed[at] = bits;
  return changed;
}

/** Those who have a connection, whatever they are. */
export function connectedIn(records: ReadableRecords, groupId: number): readonly number[] {
  return bitsIn(records, groupId).flatMap(([memberNumber, bits]) => ((bits & BITS.connection) === 0 ? [] : [memberNumber]));
}

/** All who are or wait to be members, ascending by number; we are not among them. */
export function rosterOf(records: ReadableRecords, groupId: number): readonly RosterEntry[] {
  return bitsIn(records, groupId).flatMap(([memberNumber, bits]) => ((bits & (BITS.current | BITS.pending)) === 0 ? [] : [entryOf(memberNumber, bits)]));
}

function bitsIn(records: ReadableRecords, groupId: number): (readonly [memberNumber: number, bits: number])[] {
  return records.list('roster', `${keyOf(groupId)}/`).flatMap(({ key, value }) => {
    const first = Number(key.slice(key.indexOf('/') + 1)) * CHUNK;
    return value.map((bits, at) => [first + at, bits] as const);
  });
}

function entryOf(memberNumber: number, bits: number): RosterEntry {
  return {
    memberNumber,
    isCurrent: (bits & BITS.current) !== 0,
    isPending: (bits & BITS.pending) !== 0,
    isReady: (bits & BITS.ready) !== 0,
    isModerator: (bits & BITS.moderator) !== 0,
    isAdmin: (bits & BITS.admin) !== 0,
    hasImage: (bits & BITS.image) !== 0,
    takesForwarded: (bits & BITS.forwarding) !== 0,
    takesReviews: (bits & BITS.knocking) !== 0,
  };
}
