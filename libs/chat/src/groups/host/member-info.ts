/** What a host tells of members, such that it fits a message: what is too large loses its picture, and then all but its name. */
import { utf8 } from '@polyplex/base';
import { type GroupProfile, MAX_MESSAGE_BYTES, type MemberInfo, type MemberRestrictions, type Profile, redactProfile, type SentEvent } from '@polyplex/protocol-chat';
import { outgoing } from '../../compose.ts';
import type { Group, Member, OutgoingMessage } from '../../records/records.ts';

const MAX_NAME_CHARACTERS = 256;

export function memberInfo({ profile: { groupPreferences } }: Pick<Group, 'profile'>, { memberId, role, versions, profile }: Member): MemberInfo {
  return { memberId, memberRole: role, v: versions, profile: redactProfile(profile, groupPreferences, role) };
}

/** Null where there are none. */
export function restrictionsOf({ isBlocked }: Member): MemberRestrictions | null {
  return isBlocked ? { restriction: 'blocked' } : null;
}

function smaller({ image: _image, ...profile }: Profile): Profile {
  return profile;
}

function smallest({ displayName }: Profile): Profile {
  return { displayName: displayName.slice(0, MAX_NAME_CHARACTERS), fullName: '' };
}

/** The first of these that fits a message, the last of them in any case. */
function firstThatFits<T>(sizes: readonly ((full: T) => T)[], full: T, build: (value: T) => OutgoingMessage): OutgoingMessage {
  let message = build(full);
  for (const size of sizes) {
    if (fits(message, MAX_MESSAGE_BYTES)) break;
    message = build(size(full));
  }
  return message;
}

export function fits({ text }: Pick<OutgoingMessage, 'text'>, limit: number): boolean {
  return text.length <= limit && utf8(text).length <= limit;
}

/** An event with a member's profile. */
export function aboutMember(info: MemberInfo, event: (info: MemberInfo) => SentEvent, msgId?: string): OutgoingMessage {
  return firstThatFits([smaller, smallest], info.profile, (profile) => outgoing(event({ ...info, profile }), msgId));
}

/** An event with a group's profile, of which as much is told as fits: the rest is behind the link, or comes with a change. */
export function withGroupProfile(profile: GroupProfile, limit: number, event: (profile: GroupProfile) => SentEvent): SentEvent {
  const { image: _image, ...withoutImage } = profile;
  const { description: _description, ...least } = withoutImage;
  const candidates = [profile, withoutImage, least].map(event);
  return candidates.find((candidate) => fits(outgoing(candidate), limit)) ?? candidates.at(-1)!;
}
