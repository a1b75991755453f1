/** What the web page shows (directory §3.9), from what is listed now. Writing files is the application's. */
import { DAY, MINUTE } from '@polyplex/base';
import type { ChatStep } from '@polyplex/chat';
import { type FormattedText, parseMarkdown } from '@polyplex/protocol-chat';
import { type JoinLink, joinLinkOf } from '../links/same-link.ts';
import { DirectoryRecords } from '../records/directory-records.ts';
import type { Registration } from '../records/records.ts';
import type { Registered } from '../registration/change.ts';
import { hasOwnLink, linkLine } from '../texts/group-texts.ts';
import { type ListingImage, listingImage } from './images.ts';

export interface ListingEntry {
  readonly entryType: {
    readonly type: 'group';
    /** Of channels and public groups. */
    readonly groupType?: 'channel' | 'group';
    readonly admission?: { readonly review?: string };
    readonly summary: { readonly currentMembers: number; readonly publicMemberCount?: number };
  };
  readonly displayName: string;
  readonly groupLink: { readonly connFullLink?: string; readonly connShortLink?: string };
  readonly shortDescr?: readonly FormattedText[];
  readonly welcomeMessage?: readonly FormattedText[];
  readonly imageFile?: string;
  /** ISO 8601, of the last 30 days. */
  readonly activeAt?: string;
  readonly createdAt?: string;
}

export interface Listing {
  /** `listing.json` */
  readonly listing: { readonly entries: readonly ListingEntry[] };
  /** `promoted.json` */
  readonly promoted: { readonly entries: readonly ListingEntry[] };
  readonly images: readonly ListingImage[];
}

const SHOWN_FOR = 30 * DAY;
const ACTIVE_PRECISION = 15 * MINUTE;

/** Rounded down, so that the page does not tell when people write; undefined when it was long ago. */
function shownTime(time: number, precision: number, now: number): string | undefined {
  if (now - time > SHOWN_FOR) return undefined;
  return new Date(time - (time % precision)).toISOString().replace('.000Z', 'Z');
}

interface Listed extends Registered {
  readonly link: JoinLink;
}

function welcomeOf(listed: Listed): string {
  const welcome = listed.group.profile.description?.trim() ?? '';
  const line = linkLine(listed, listed.link);
  if (welcome === '') return line;
  return hasOwnLink(listed) ? welcome : `${welcome}\n${line}`;
}

function linkOf({ fullLink, shortLink }: JoinLink): ListingEntry['groupLink'] {
  return { ...(fullLink === null ? {} : { connFullLink: fullLink }), ...(shortLink === null ? {} : { connShortLink: shortLink }) };
}

function typeOf({ registration: { channel }, group: { profile, currentMembers } }: Registered): ListingEntry['entryType'] {
  return {
    type: 'group',
    ...(channel === undefined ? {} : { groupType: channel.type }),
    ...(profile.memberAdmission === undefined ? {} : { admission: profile.memberAdmission }),
    summary: { currentMembers, ...(channel === undefined || channel.subscribers === null ? {} : { publicMemberCount: channel.subscribers }) },
  };
}

function entryOf(listed: Listed, image: ListingImage | null, now: number): ListingEntry {
  const { registration, group, link } = listed;
  const { displayName, fullName, shortDescr } = group.profile;
  const short = shortDescr ?? (fullName === displayName ? '' : fullName);
  const activeAt = shownTime(group.activeAt, ACTIVE_PRECISION, now);
  const createdAt = shownTime(registration.createdAt, DAY, now);
  return {
    entryType: typeOf(listed),
    displayName,
    groupLink: linkOf(link),
    ...(short === '' ? {} : { shortDescr: parseMarkdown(short) }),
    welcomeMessage: parseMarkdown(welcomeOf(listed)),
    ...(image === null ? {} : { imageFile: image.path }),
    ...(activeAt === undefined ? {} : { activeAt }),
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}

/** Null: it is not shown. */
function listedIn(step: Pick<ChatStep, 'group'>, registration: Registration | undefined): Listed | null {
  const group = registration?.state === 'active' ? step.group(registration.groupId) : undefined;
  if (registration === undefined || group === undefined) return null;
  const link = joinLinkOf(registration, group);
  return link === null ? null : { registration, group, link };
}

/** Of these groups, such as some of `Directory.listed`, those that are active and have a link, in this order. A step is no place for ten thousand. */
export function makeListing(step: Pick<ChatStep, 'records' | 'now' | 'group'>, groupIds: readonly number[]): Listing {
  const records = new DirectoryRecords(step.records);
  const images: ListingImage[] = [];
  const entries: ListingEntry[] = [];
  const promoted: ListingEntry[] = [];
  for (const groupId of groupIds) {
    const listed = listedIn(step, records.registration(groupId));
    if (listed === null) continue;
    const { registration, group, link } = listed;
    const image = group.profile.image === undefined ? null : listingImage(link.fullLink ?? link.shortLink, group.profile.image);
    if (image !== null) images.push(image);
    const entry = entryOf(listed, image, step.now);
    entries.push(entry);
    if (registration.isPromoted) promoted.push(entry);
  }
  return { listing: { entries }, promoted: { entries: promoted }, images };
}
