/** Keys on the wire: a short string that holds the DER SubjectPublicKeyInfo (SMP §1.2). */
import { type Codec, DecodeError, mapped, shortString } from '@polyplex/codec';
import { decodePublicKey, encodePublicKey, type KeyKind, type PublicKey } from '@polyplex/crypto';

function keyOf<K extends KeyKind>(...kinds: readonly K[]): Codec<PublicKey<K>> {
  return mapped(
    shortString,
    (der) => {
      const key = decodePublicKey(der);
      if (key === null || !(kinds as readonly KeyKind[]).includes(key.kind)) throw new DecodeError('bad key');
      return key as PublicKey<K>;
    },
    (key) => encodePublicKey(key),
  );
}

/** Keys that authorise commands: X448 is a syntax error there. */
export const authKey = keyOf('ed25519', 'ed448', 'x25519');
/** Keys for Diffie-Hellman: X25519 only. */
export const dhKey = keyOf('x25519');
/** Keys of the ratchet (agent §5.1). */
export const ratchetKey = keyOf('x448');

export type AuthKey = PublicKey<'ed25519' | 'ed448' | 'x25519'>;
