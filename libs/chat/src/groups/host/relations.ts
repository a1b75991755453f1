/**
 * What a host has done between members (directory §2.4): whom it introduced to whom, and who has said that it reaches whom. In a group of n
 * members these are n² facts, so they are bits in pages: for each member, and each 256 others of whom there is something to say, 64 bytes.
 *
 * Both facts are looked at from the member that sends: what it said it reaches is what need not be forwarded. Its messages and what it says of
 * connections come over one connection in order, so a message is forwarded exactly if its sender could not send it to the other itself.
 */
import type { Kinds } from '../../records/records.ts';
import { sortable } from '../../records/keys.ts';

const PAGE_MEMBERS = 256;
const BITS = 2;
const PER_BYTE = 8 / BITS;
const PAGE_BYTES = PAGE_MEMBERS / PER_BYTE;
const MASK = 0b11;

const INTRODUCED = 0b01;
const REACHES = 0b10;

interface Pages {
  get(kind: 'relations', key: string): Kinds['relations'] | undefined;
  list(kind: 'relations', prefix: string): readonly { readonly key: string; readonly value: Kinds['relations'] }[];
}

interface ChangingPages extends Pages {
  put(kind: 'relations', key: string, value: Kinds['relations']): void;
  remove(kind: 'relations', key: string): void;
}

/** Of one member with another; numbers of members. */
export interface Pair {
  readonly groupId: number;
  readonly from: number;
  readonly to: number;
}

function prefixOf(groupId: number, member: number): string {
  return `${sortable(groupId)}/${sortable(member)}/`;
}

function placeOf({ groupId, from, to }: Pair): { readonly key: string; readonly byte: number; readonly shift: number } {
  const at = to % PAGE_MEMBERS;
  return { key: prefixOf(groupId, from) + sortable(Math.floor(to / PAGE_MEMBERS)), byte: Math.floor(at / PER_BYTE), shift: (at % PER_BYTE) * BITS };
}

function bitsOf(records: Pages, pair: Pair): number {
  const { key, byte, shift } = placeOf(pair);
  return ((records.get('relations', key)?.[byte] ?? 0) >> shift) & MASK;
}

function setBits(records: ChangingPages, pair: Pair, bits: number): void {
  const { key, byte, shift } = placeOf(pair);
  const page = Uint8Array.from(records.get('relations', key) ?? new Uint8Array(PAGE_BYTES));
  page[byte] = page[byte]! | (bits << shift);
  records.put('relations', key, page);
}

export function areIntroduced(records: Pages, pair: Pair): boolean {
  return (bitsOf(records, pair) & INTRODUCED) !== 0;
}

/** Whether it has said that it reaches the other. */
export function reaches(records: Pages, pair: Pair): boolean {
  return (bitsOf(records, pair) & REACHES) !== 0;
}

/** A newcomer and others; numbers of members. */
interface Newcomer {
  readonly groupId: number;
  readonly member: number;
  readonly others: readonly number[];
}

/** These have heard of the newcomer. */
export function announceTo(records: ChangingPages, { groupId, member, others }: Newcomer): void {
  for (const other of others) setBits(records, { groupId, from: other, to: member }, INTRODUCED);
}

/** The newcomer has heard of these. */
export function tellOf(records: ChangingPages, newcomer: Newcomer): void {
  changePages(records, newcomer, (bits) => bits | INTRODUCED);
}

/** A newcomer and others have heard of each other. */
export function introduceTo(records: ChangingPages, newcomer: Newcomer): void {
  announceTo(records, newcomer);
  tellOf(records, newcomer);
}

/** The newcomer has not heard of these after all, but of those whom it says it reaches. */
export function forgetIntroduced(records: ChangingPages, newcomer: Newcomer): void {
  changePages(records, newcomer, (bits) => (bits === INTRODUCED ? 0 : bits));
}

/** Each page of the newcomer's is written once. */
function changePages(records: ChangingPages, { groupId, member, others }: Newcomer, change: (bits: number) => number): void {
  const pages = Map.groupBy(others, (to) => placeOf({ groupId, from: member, to }).key);
  for (const [key, numbers] of pages) {
    const page = Uint8Array.from(records.get('relations', key) ?? new Uint8Array(PAGE_BYTES));
    for (const to of numbers) {
      const { byte, shift } = placeOf({ groupId, from: member, to });
      const bits = (page[byte]! >> shift) & MASK;
      page[byte] = (page[byte]! & ~(MASK << shift)) | (change(bits) << shift);
    }
    records.put('relations', key, page);
  }
}

/**
 * `from` says that it reaches `to`. Who says it again means that it gets what is forwarded as well: then the other need not say it.
 * Nothing for those whom we have not introduced.
 */
export function setReaches(records: ChangingPages, pair: Pair): void {
  const bits = bitsOf(records, pair);
  if ((bits & INTRODUCED) === 0) return;
  if ((bits & REACHES) === 0) return setBits(records, pair, REACHES);
  const reverse = { groupId: pair.groupId, from: pair.to, to: pair.from };
  if (!reaches(records, reverse)) setBits(records, reverse, REACHES);
}

/** Whom we introduced to a member, and it has not said that it reaches: what it sends is forwarded to them. Ascending. */
export function notReachedBy(records: Pages, groupId: number, member: number): number[] {
  const prefix = prefixOf(groupId, member);
  return records.list('relations', prefix).flatMap(({ key, value }) => {
    const first = Number(key.slice(prefix.length)) * PAGE_MEMBERS;
    return membersWith(value, (bits) => bits === INTRODUCED).map((at) => first + at);
  });
}

/** Whom we introduced to a member. */
export function introducedTo(records: Pages, groupId: number, member: number): number[] {
  const prefix = prefixOf(groupId, member);
  return records.list('relations', prefix).flatMap(({ key, value }) => {
    const first = Number(key.slice(prefix.length)) * PAGE_MEMBERS;
    return membersWith(value, (bits) => (bits & INTRODUCED) !== 0).map((at) => first + at);
  });
}

function membersWith(page: Uint8Array, is: (bits: number) => boolean): number[] {
  const found: number[] = [];
  for (const [byte, value] of page.entries()) {
    if (value === 0) continue;
    for (let at = 0; at < PER_BYTE; at++) if (is((value >> (at * BITS)) & MASK)) found.push(byte * PER_BYTE + at);
  }
  return found;
}

/** A member is gone: its pages go. What others' pages say of it does no harm, since numbers are never used again. */
export function forgetRelations(records: ChangingPages, groupId: number, member: number): void {
  for (const { key } of records.list('relations', prefixOf(groupId, member))) records.remove('relations', key);
}
