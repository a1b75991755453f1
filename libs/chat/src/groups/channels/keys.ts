/** What we keep of a channel beside its members, while we are in it (directory §3.8). */
import { type PrivateKey, type PublicKey, publicKeyOf } from '@polyplex/crypto';
import { ChatError } from '../../chat-error.ts';
import { hashed, keyOf } from '../../records/keys.ts';
import type { Group, Member } from '../../records/records.ts';
import type { Step } from '../../step.ts';

/** What we sign with in a channel. Throws UNKNOWN. */
export function ownKeys(step: Step, groupId: number): { readonly privateKey: PrivateKey<'ed25519'>; readonly publicKey: PublicKey<'ed25519'> } {
  const raw = step.records.get('channel-key', keyOf(groupId));
  if (raw === undefined) throw new ChatError('UNKNOWN', 'we are not in the channel');
  const privateKey: PrivateKey<'ed25519'> = { kind: 'ed25519', raw };
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

export const ownerKey = (groupId: number, memberId: string): string => `${keyOf(groupId)}/${hashed(memberId)}`;

/** In the owners that the link told of last. */
export function isLinkOwner(step: Step, { groupId, memberId }: Pick<Member, 'groupId' | 'memberId'>): boolean {
  return step.records.get('channel-owner', ownerKey(groupId, memberId)) !== undefined;
}

/** We are out: it may be joined anew. */
export function forgetChannel(step: Step, { groupId, channel }: Group): void {
  if (channel === undefined) return;
  const place = hashed(channel.publicGroupId);
  if (step.records.get('channel-of', place) === groupId) step.records.remove('channel-of', place);
  step.records.remove('channel-key', keyOf(groupId));
  for (const kind of ['channel-relay', 'channel-owner'] as const) step.records.removeAll(kind, `${keyOf(groupId)}/`);
}
