/** Keys of link data: Ed25519 only. */
import { type Codec, DecodeError, mapped } from '@polyplex/codec';
import type { PublicKey } from '@polyplex/crypto';
import { authKey } from '@polyplex/protocol-common';

export const signatureKey: Codec<PublicKey<'ed25519'>> = mapped(
  authKey,
  (key) => {
    if (key.kind !== 'ed25519') throw new DecodeError('bad key');
    return key as PublicKey<'ed25519'>;
  },
  (key) => key,
);
