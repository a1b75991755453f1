/**
 * The two encrypted blobs behind a short link (agent §2.5): the fixed one, whose hash is the link's key, and what its owners may change.
 */
import { concatBytes, EMPTY_BYTES, equalBytes, utf8 } from '@polyplex/base';
import { bool, type Codec, codec, encode, fields, large, list, optional, pad, Reader, shortString, tail, tryDecode, type TypeOf, unpad } from '@polyplex/codec';
import {
  BOX_NONCE_BYTES, boxKeyOf, encodePublicKey, hkdfSha512, openBox, type PrivateKey, type PublicKey, randomBytes, sealBox, sha3_256, sign, verify,
} from '@polyplex/crypto';
import { type VersionRange, versionRange } from '@polyplex/protocol-common';
import { type ConnectionRequest, connectionRequest } from './connection-request.ts';
import { signatureKey } from './signature-key.ts';
import { LINK_ID_BYTES, LINK_KEY_BYTES, shortLink } from './short-link.ts';

const FIXED_BYTES = 2008;
const USER_BYTES = 13_784;
const LONG = 0xff;
const LONGEST_SHORT = 254;

/** What never changes. */
export interface FixedLinkData {
  readonly versions: VersionRange;
  readonly rootKey: PublicKey<'ed25519'>;
  readonly request: ConnectionRequest;
  readonly entityId: Uint8Array | null;
}

const entityId: Codec<Uint8Array | null> = optional(shortString);
const fixedFields = fields({ versions: versionRange, rootKey: signatureKey, request: connectionRequest, entityId });
/** What newer versions add after it is ignored. */
const fixedLinkData: Codec<FixedLinkData> = codec(
  (r) => {
    const fixed = fixedFields.read(r);
    r.rest();
    return fixed;
  },
  (w, fixed) => fixedFields.write(w, fixed),
);

/** Text of the application's, of any length up to what fits. */
const userText: Codec<Uint8Array> = codec(
  (r) => {
    if (r.bytes[r.position] !== LONG || r.remaining === 0) return shortString.read(r);
    r.byte();
    return large.read(r);
  },
  (w, text) => {
    if (text.length <= LONGEST_SHORT) return shortString.write(w, text);
    w.byte(LONG);
    large.write(w, text);
  },
);

export interface LinkOwner {
  readonly ownerId: Uint8Array;
  readonly key: PublicKey<'ed25519'>;
  /** Over id and key, by the root key or an owner before it. */
  readonly signature: Uint8Array;
}

const ownerFields = fields({ ownerId: shortString, key: signatureKey, signature: shortString });
const owner: Codec<LinkOwner> = codec(
  (r) => ownerFields.read(new Reader(shortString.read(r))),
  (w, value) => shortString.write(w, encode(ownerFields, value)),
);

const invitationData = fields({ versions: versionRange, data: userText });
const contactData = fields({ versions: versionRange, direct: bool, owners: list(owner), relays: list(shortLink), data: userText });

/** What may change. `data`: the application's own. `direct`: the address itself may be contacted, else `relays` may. */
export type UserLinkData =
  | ({ readonly mode: 'invitation' } & TypeOf<typeof invitationData>)
  | ({ readonly mode: 'contact' } & TypeOf<typeof contactData>);

const INVITATION = 0x49; // "I"
const CONTACT = 0x43; // "C"

const userLinkData: Codec<UserLinkData> = codec(
  (r) => {
    const mode = r.byte() === INVITATION ? 'invitation' : 'contact';
    const value = mode === 'invitation' ? { mode, ...invitationData.read(r) } as const : { mode, ...contactData.read(r) } as const;
    r.rest();
    return value;
  },
  (w, value) => {
    w.byte(value.mode === 'invitation' ? INVITATION : CONTACT);
    if (value.mode === 'invitation') invitationData.write(w, value);
    else contactData.write(w, value);
  },
);

const CONTACT_LINK = utf8('SimpleXContactLink');
const INVITATION_LINK = utf8('SimpleXInvLink');
const CIPHER_KEY_BYTES = 32;

/** Id and cipher key of a contact's link; an invitation's id is the relay's choice. */
export function contactLinkKeys(linkKey: Uint8Array): { readonly linkId: Uint8Array; readonly cipherKey: Uint8Array } {
  const derived = hkdfSha512(EMPTY_BYTES, linkKey, CONTACT_LINK, LINK_ID_BYTES + CIPHER_KEY_BYTES);
  return { linkId: derived.slice(0, LINK_ID_BYTES), cipherKey: derived.slice(LINK_ID_BYTES) };
}

function cipherKeyOf(mode: ConnectionRequest['mode'], linkKey: Uint8Array): Uint8Array {
  return mode === 'contact' ? contactLinkKeys(linkKey).cipherKey : hkdfSha512(EMPTY_BYTES, linkKey, INVITATION_LINK, CIPHER_KEY_BYTES);
}

const signed = fields({ signature: shortString, content: tail });

function signedBlob(key: PrivateKey<'ed25519'>, content: Uint8Array): Uint8Array {
  return encode(signed, { signature: sign(key, content), content });
}

function sealBlob(cipherKey: Uint8Array, blob: Uint8Array, size: number): Uint8Array {
  const nonce = randomBytes(BOX_NONCE_BYTES);
  return concatBytes(nonce, sealBox(boxKeyOf(cipherKey), nonce, pad(blob, size)));
}

/** What is stored with a queue, and the key to it. */
export interface SealedLinkData {
  readonly linkKey: Uint8Array;
  /** 2048 bytes. */
  readonly fixed: Uint8Array;
  /** 13824 bytes. */
  readonly user: Uint8Array;
}

/** Throws `EncodeError` where either is too long. */
export function sealLinkData(rootKey: PrivateKey<'ed25519'>, fixed: FixedLinkData, user: UserLinkData): SealedLinkData {
  const content = encode(fixedLinkData, fixed);
  const linkKey = sha3_256(content);
  const sealed = sealBlob(cipherKeyOf(fixed.request.mode, linkKey), signedBlob(rootKey, content), FIXED_BYTES);
  return { linkKey, fixed: sealed, user: sealUserLinkData(rootKey, linkKey, user) };
}

/** The changeable blob anew, by the root key or an owner's. */
export function sealUserLinkData(key: PrivateKey<'ed25519'>, linkKey: Uint8Array, user: UserLinkData): Uint8Array {
  return sealBlob(cipherKeyOf(user.mode, linkKey), signedBlob(key, encode(userLinkData, user)), USER_BYTES);
}

/** Why link data is refused, in the order of the checks. */
export type LinkFault = 'decrypt' | 'hash' | 'format' | 'signature' | 'owners' | 'user-signature';

export type OpenedLinkData = { readonly fixed: FixedLinkData; readonly user: UserLinkData } | { readonly fault: LinkFault };

/** Opens and checks both blobs under a link's key (agent §2.5, "Reading"). */
export function openLinkData(mode: ConnectionRequest['mode'], linkKey: Uint8Array, blobs: { readonly fixed: Uint8Array; readonly user: Uint8Array }): OpenedLinkData {
  if (linkKey.length !== LINK_KEY_BYTES) return { fault: 'decrypt' };
  const cipherKey = cipherKeyOf(mode, linkKey);
  const fixedPart = openBlob(cipherKey, blobs.fixed);
  const userPart = openBlob(cipherKey, blobs.user);
  if (fixedPart === null || userPart === null) return { fault: 'decrypt' };
  if (!equalBytes(sha3_256(fixedPart.content), linkKey)) return { fault: 'hash' };
  const fixed = tryDecode(fixedLinkData, fixedPart.content);
  const user = tryDecode(userLinkData, userPart.content);
  if (fixed === null || user === null || [fixed.request.mode, user.mode].some((found) => found !== mode)) return { fault: 'format' };
  const fault = faultOf({ fixed, fixedPart }, { user, userPart });
  return fault === null ? { fixed, user } : { fault };
}

type Signed = TypeOf<typeof signed>;

function faultOf({ fixed, fixedPart }: { readonly fixed: FixedLinkData; readonly fixedPart: Signed }, { user, userPart }: { readonly user: UserLinkData; readonly userPart: Signed }): LinkFault | null {
  if (!verify(fixed.rootKey, fixedPart.content, fixedPart.signature)) return 'signature';
  const owners = user.mode === 'contact' ? user.owners : [];
  if (!ownersHold(fixed.rootKey, owners)) return 'owners';
  const signers = [fixed.rootKey, ...owners.map(({ key }) => key)];
  return signers.some((key) => verify(key, userPart.content, userPart.signature)) ? null : 'user-signature';
}

/** An owner, authorised by the root key or by an owner who stands before it. */
export function authorizeOwner(signer: PrivateKey<'ed25519'>, ownerId: Uint8Array, key: PublicKey<'ed25519'>): LinkOwner {
  return { ownerId, key, signature: sign(signer, concatBytes(ownerId, encodePublicKey(key))) };
}

/** Each owner is signed by the root key or an owner before it; no id and no key comes twice. */
export function ownersHold(rootKey: PublicKey<'ed25519'>, owners: readonly LinkOwner[]): boolean {
  const known = [rootKey];
  const ids: Uint8Array[] = [];
  for (const { ownerId, key, signature } of owners) {
    const isKnown = known.some(({ raw }) => equalBytes(raw, key.raw)) || ids.some((id) => equalBytes(id, ownerId));
    const content = concatBytes(ownerId, encodePublicKey(key));
    if (isKnown || !known.some((signer) => verify(signer, content, signature))) return false;
    known.push(key);
    ids.push(ownerId);
  }
  return true;
}

function openBlob(cipherKey: Uint8Array, blob: Uint8Array): Signed | null {
  if (blob.length < BOX_NONCE_BYTES) return null;
  const padded = openBox(boxKeyOf(cipherKey), blob.subarray(0, BOX_NONCE_BYTES), blob.subarray(BOX_NONCE_BYTES));
  const content = padded && unpad(padded);
  return content && tryDecode(signed, content);
}
