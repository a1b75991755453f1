/** What the link of a channel or public group tells (directory §3.8, §5). All of it is JSON, so that an application may keep it in its records. */
import type { GroupProfile } from '@polyplex/protocol-chat';

/** Authorised by the root key of the link, or by an owner before it in the list. */
export interface ChannelOwner {
  readonly memberId: string;
  /** Ed25519 in DER, base64url. */
  readonly key: string;
}

export interface Channel {
  /** Short, as it was looked up. */
  readonly link: string;
  /** Never changes, whatever else does: unpadded base64url. */
  readonly publicGroupId: string;
  readonly profile: GroupProfile;
  readonly owners: readonly ChannelOwner[];
  /** Short links of the chat relays. Without any, nobody can join. */
  readonly relays: readonly string[];
  /** Of members, as an owner has said; null: not said. */
  readonly memberCount: number | null;
}

/**
 * Whether who shared a link owns it. `none`: nothing was signed. `owner`: an owner's key, or the root key (`ownerId` null). Else why it is not so: no such
 * owner in the link, or not signed by that key, or signed for another chat or link.
 */
export type OwnerVerdict =
  | { readonly verdict: 'none' | 'unknown-owner' | 'wrong-signature' }
  | { readonly verdict: 'owner'; readonly ownerId: string | null };

/**
 * Why a link was not read. `AUTH`: it leads nowhere any more. `BLOCKED`: by who runs the relay. `NETWORK`: not now. `LINK`: it is none, or what is behind it is
 * not its own. `NOT_CHANNEL`: of a contact, a relay, an ordinary group, or of another channel than it says.
 */
export type LookUpFailure = 'AUTH' | 'BLOCKED' | 'NETWORK' | 'LINK' | 'NOT_CHANNEL';

export type LookUpResult =
  | { readonly found: true; readonly channel: Channel; readonly owner: OwnerVerdict }
  | { readonly found: false; readonly reason: LookUpFailure };
