/** AES-256-GCM with a nonce of 16 bytes and the tag apart (agent §5.4), by the active provider. */
import { CodedError } from '@polyplex/base';
import { cryptoProvider } from './active-provider.ts';
import type { AeadKeys, Sealed } from './provider.ts';

export const AEAD_TAG_BYTES = 16;
const KEY_BYTES = 32;
const IV_BYTES = 16;

export function sealAead(keys: AeadKeys, text: Uint8Array): Sealed {
  return cryptoProvider.aes256GcmSeal(checked(keys), text);
}

/** Null when the tag does not match. */
export function openAead(keys: AeadKeys, sealed: Sealed): Uint8Array | null {
  return sealed.tag.length === AEAD_TAG_BYTES ? cryptoProvider.aes256GcmOpen(checked(keys), sealed) : null;
}

function checked(keys: AeadKeys): AeadKeys {
  if (keys.key.length !== KEY_BYTES || keys.iv.length !== IV_BYTES) throw new CodedError('BAD_LENGTH', 'AES-256-GCM has keys of 32 bytes and nonces of 16 here');
  return keys;
}
