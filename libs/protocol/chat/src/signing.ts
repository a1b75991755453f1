/**
 * Signatures of members (directory §1.3, §3.8): made with a member's key over the JSON as it goes, after what binds it to one chat and one member, so that
 * nobody says it elsewhere or for another. Keys are text where messages carry them: DER as base64url.
 */
import { concatBytes, fromBase64Url, toBase64Url, utf8 } from '@polyplex/base';
import { encode, fields, shortString } from '@polyplex/codec';
import { decodePublicKey, encodePublicKey, type PrivateKey, type PublicKey, sign, verify } from '@polyplex/crypto';
import { signedElement, type SignedBytes } from './binary.ts';
import type { EventName } from './event.ts';
import { bytesOfId } from './ids.ts';

const MEMBER_KEY_CHARACTERS = 60;

export function formatMemberKey(key: PublicKey<'ed25519'>): string {
  return toBase64Url(encodePublicKey(key));
}

/** Null for anything but an Ed25519 key. */
export function parseMemberKey(text: string): PublicKey<'ed25519'> | null {
  const der = text.length === MEMBER_KEY_CHARACTERS ? fromBase64Url(text) : null;
  const key = der && decodePublicKey(der);
  return key?.kind === 'ed25519' ? (key as PublicKey<'ed25519'>) : null;
}

const GROUP = utf8('G');
const DIRECT = utf8('D');

const pair = fields({ first: shortString, second: shortString });

function idBytes(id: string): Uint8Array {
  const bytes = bytesOfId(id);
  if (bytes === null) throw new RangeError('not an id');
  return bytes;
}

/** What a member says in a channel or public group. Throws `RangeError` where either is no id. */
export function channelBinding(publicGroupId: string, memberId: string): Uint8Array {
  return concatBytes(GROUP, encode(pair, { first: idBytes(publicGroupId), second: idBytes(memberId) }));
}

/** What a member says in an ordinary group, which has no identity: bound to the member and its key. */
export function memberBinding(memberId: string, key: PublicKey<'ed25519'>): Uint8Array {
  return concatBytes(GROUP, encode(pair, { first: idBytes(memberId), second: encodePublicKey(key) }));
}

/** What a contact says; `connection`: the hash that both ends of its connection know. */
export function contactBinding(connection: Uint8Array): Uint8Array {
  return concatBytes(DIRECT, connection);
}

/** A message of ours as an element of a binary batch, or as what goes with a handshake. */
export function signMessage(text: string, binding: Uint8Array, key: PrivateKey<'ed25519'>): Uint8Array {
  const message = utf8(text);
  return signedElement({ signatures: [sign(key, concatBytes(binding, message))], message });
}

/** Whether all signatures, of which there is one at least, are of this key and made for this binding. */
export function isSignedBy({ signatures, message }: SignedBytes, binding: Uint8Array, key: PublicKey<'ed25519'>): boolean {
  const content = concatBytes(binding, message);
  return signatures.every((signature) => verify(key, content, signature));
}

/** What changes a channel, its members, or their relays. */
const SIGNED: ReadonlySet<EventName> = new Set([
  'x.grp.del', 'x.grp.info', 'x.grp.prefs', 'x.grp.mem.del', 'x.grp.mem.role', 'x.grp.mem.restrict', 'x.grp.relay.new', 'x.grp.leave', 'x.info',
]);

/** Whether an event counts in a channel only if its author has signed it. */
export function mustBeSigned(event: EventName): boolean {
  return SIGNED.has(event);
}
