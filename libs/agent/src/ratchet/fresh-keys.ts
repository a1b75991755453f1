/** Where a ratchet's new keys come from: the system's generator, or golden data in tests. */
import { encapsulate, generateKemKeyPair, generateKeyPair, type KemKeyPair, type KeyPair } from '@polyplex/crypto';

export interface FreshKeys {
  ratchetKeys(): KeyPair<'x448'>;
  kemKeys(): KemKeyPair;
  encapsulate(publicKey: Uint8Array): { readonly ciphertext: Uint8Array; readonly sharedKey: Uint8Array };
}

export const freshKeys: FreshKeys = {
  ratchetKeys: () => generateKeyPair('x448'),
  kemKeys: generateKemKeyPair,
  encapsulate,
};
