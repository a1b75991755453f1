/** The public keys that a ratchet begins with, as they travel in envelopes (agent §4.1, §2.6). */
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { type Codec, codec, DecodeError, fields, large, mapped, maybe, tagged, word16 } from '@polyplex/codec';
import { decodePublicKey, encodePublicKey, type PublicKey, SNTRUP761_BYTES } from '@polyplex/crypto';
import { ratchetKey, type VersionRange, versionRange } from '@polyplex/protocol-common';
import { formatVersions, parseVersions } from './query-text.ts';
import { KEM_VERSION } from './versions.ts';

function largeOf(length: number): Codec<Uint8Array> {
  return mapped(large, (bytes) => {
    if (bytes.length !== length) throw new DecodeError('bad length');
    return bytes;
  }, (bytes) => bytes);
}

const publicKey = largeOf(SNTRUP761_BYTES.publicKey);

/** `P`: an offered key. `A`: the answer to the other side's key, and the next own one. */
export const kemParameters = tagged({
  P: fields({ publicKey }),
  A: fields({ ciphertext: largeOf(SNTRUP761_BYTES.ciphertext), publicKey }),
});

export type KemParameters =
  | { readonly type: 'P'; readonly publicKey: Uint8Array }
  | { readonly type: 'A'; readonly ciphertext: Uint8Array; readonly publicKey: Uint8Array };

export interface E2eParameters {
  /** The version that both sides are to use. */
  readonly version: number;
  readonly key1: PublicKey<'x448'>;
  readonly key2: PublicKey<'x448'>;
  /** Null: none, or the version has none. */
  readonly kem: KemParameters | null;
}

const keys = fields({ key1: ratchetKey, key2: ratchetKey });
const kem: Codec<KemParameters | null> = maybe(kemParameters);

/** In envelopes, where the field of the KEM depends on the version. */
export const e2eParameters: Codec<E2eParameters> = codec(
  (r) => {
    const version = word16.read(r);
    return { version, ...keys.read(r), kem: version >= KEM_VERSION ? kem.read(r) : null };
  },
  (w, parameters) => {
    word16.write(w, parameters.version);
    keys.write(w, parameters);
    if (parameters.version >= KEM_VERSION) kem.write(w, parameters.kem);
  },
);

/** Public keys that are offered in a link: for the versions that their owner speaks. */
export interface E2eOffer {
  readonly versions: VersionRange;
  readonly key1: PublicKey<'x448'>;
  readonly key2: PublicKey<'x448'>;
  readonly kem: KemParameters | null;
}

/** In the binary form of links, where the field of the KEM is always there (agent §2.6). */
export const e2eOffer: Codec<E2eOffer> = fields({ versions: versionRange, key1: ratchetKey, key2: ratchetKey, kem });

/** The value of `e2e` in a link: a query of its own, not encoded inside (agent §2.2). */
export function formatE2eOffer({ versions, key1, key2, kem: offered }: E2eOffer): string {
  const x3dh = [key1, key2].map((key) => toBase64Url(encodePublicKey(key))).join(',');
  const isWritten = offered !== null && versions.max >= KEM_VERSION;
  const ciphertext = isWritten && offered.type === 'A' ? `&kem_ct=${toBase64Url(offered.ciphertext)}` : '';
  return `v=${formatVersions(versions)}&x3dh=${x3dh}${isWritten ? `&kem_key=${toBase64Url(offered.publicKey)}` : ''}${ciphertext}`;
}

/** Null for anything else; a link offers a key at most, so an answer to one is refused. */
export function parseE2eOffer(text: string | null): E2eOffer | null {
  const query = new URLSearchParams(text ?? '');
  const versions = parseVersions(query.get('v'));
  const keys = keysOf(query.get('x3dh'));
  if (versions === null || keys === null) return null;
  const kemText = versions.max >= KEM_VERSION ? query.get('kem_key') : null;
  if (kemText === null) return { versions, ...keys, kem: null };
  const offered = query.has('kem_ct') ? null : offeredKem(kemText);
  return offered && { versions, ...keys, kem: offered };
}

function keysOf(text: string | null): Pick<E2eOffer, 'key1' | 'key2'> | null {
  const keys = (text ?? '').split(',').map(ratchetKeyOf);
  const [key1, key2] = keys;
  return keys.length === 2 && key1 && key2 ? { key1, key2 } : null;
}

function offeredKem(text: string): KemParameters | null {
  const key = fromBase64Url(text);
  return key?.length === SNTRUP761_BYTES.publicKey ? { type: 'P', publicKey: key } : null;
}

function ratchetKeyOf(text: string): PublicKey<'x448'> | null {
  const der = fromBase64Url(text);
  const key = der && decodePublicKey(der);
  return key?.kind === 'x448' ? (key as PublicKey<'x448'>) : null;
}
