/** Versions of the chat protocol and what begins with which (directory §1.5). Decisions go by the peer's highest. */
import type { VersionRange } from '@polyplex/protocol-common';
import { DecodeError } from '@polyplex/codec';
import { type JsonCodec, jsonCodec } from './json-codec.ts';

/** Above these, peers may send binary batches and signatures. */
export const CHAT_VERSIONS: VersionRange = { min: 1, max: 17 };

/** Of who says none. */
export const FIRST_CHAT_VERSION: VersionRange = { min: 1, max: 1 };

const SINCE = {
  /** Members of a group are not made contacts of one another; `x.grp.direct.inv`. */
  memberConnections: 2,
  /** Joining by a group's link makes no contact: `x.grp.link.inv`. Who cannot is refused. */
  groupLinkInvitation: 3,
  /** `x.grp.msg.forward`. */
  forwarding: 4,
  groupBatches: 5,
  /** The welcome message comes with the history. */
  welcomeInHistory: 6,
  /** `x.info` in groups. */
  memberProfiles: 7,
  /** Post-quantum connections, compressed bodies. */
  compression: 8,
  directBatches: 9,
  businessChats: 10,
  /** `x.grp.prefs`. */
  groupPreferences: 11,
  reports: 12,
  /** `x.grp.link.reject`. */
  joinRejection: 14,
  /** Members whose acceptance is pending, and their support chats. */
  knocking: 15,
  shortLinkData: 16,
  /** A pending member takes voice messages of the host though the group has none. */
  pendingVoice: 17,
  binaryBatches: 18,
  memberKeys: 20,
} as const;

export type ChatFeature = keyof typeof SINCE;

/** Whether a peer of these versions knows a feature. */
export function supports(versions: VersionRange, feature: ChatFeature): boolean {
  return versions.max >= SINCE[feature];
}

const RANGE = /^(\d{1,5})(?:-(\d{1,5}))?$/;

/** `1-17`, or `1` where both ends are one. */
export const versionText: JsonCodec<VersionRange> = jsonCodec(
  (json) => {
    const [, from, to = from] = RANGE.exec(typeof json === 'string' ? json : '') ?? [];
    const range = { min: Number(from), max: Number(to) };
    if (from === undefined || range.min > range.max || range.max > 0xffff) throw new DecodeError('not a version range');
    return range;
  },
  ({ min, max }) => (min === max ? String(min) : `${min}-${max}`),
);
