/** What a client remembers of the channels that it is in (directory §3.8). */
import type { LinkOwnerSignature } from '@polyplex/protocol-chat';

/** A chat relay of a channel, by its link. */
interface ChannelRelay {
  readonly link: string;
  /** Null: it is being asked. */
  readonly memberNumber: number | null;
}

/** What a channel takes of the network. */
export type ChannelTask =
  | { readonly do: 'look-up'; readonly link: string; readonly signature: LinkOwnerSignature | null; readonly about: string }
  | { readonly do: 'join-relay'; readonly groupId: number; readonly link: string };

export interface ChannelKinds {
  /** hash of a channel's identity: group */
  'channel-of': number;
  /** group: raw Ed25519 private key that we sign with there */
  'channel-key': Uint8Array;
  /** group/hash of a relay's link; none for one that refuses us, or is gone */
  'channel-relay': ChannelRelay;
  /** group/hash of a member id: in the owners that the link tells of */
  'channel-owner': true;
}
