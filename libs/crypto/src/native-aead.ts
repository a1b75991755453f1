/** AES-256-GCM by OpenSSL. */
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { concatBytes } from '@polyplex/base';
import type { CryptoProvider } from './provider.ts';

const TAG_BYTES = 16;

// Keys as objects: of bytes Node finds out by an exception that they are none, which takes more than the sealing.

export const nativeAead: Pick<CryptoProvider, 'aes256GcmSeal' | 'aes256GcmOpen'> = {
  aes256GcmSeal({ key, iv, associated }, text) {
    const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), iv).setAAD(associated);
    const body = concatBytes(cipher.update(text), cipher.final());
    return { body, tag: new Uint8Array(cipher.getAuthTag()) };
  },
  aes256GcmOpen({ key, iv, associated }, { body, tag }) {
    // Otherwise OpenSSL would take a shorter tag, too.
    if (tag.length !== TAG_BYTES) return null;
    const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), iv, { authTagLength: TAG_BYTES }).setAAD(associated).setAuthTag(tag);
    const text = decipher.update(body);
    try {
      return concatBytes(text, decipher.final());
    } catch {
      return null; // the tag: lengths are right here
    }
  },
};
