export { cryptoFallbackReason, cryptoProvider } from './active-provider.ts';
export { AEAD_TAG_BYTES, openAead, sealAead } from './aead.ts';
export { advanceChain, type ChainStep, initialChainKeys } from './block-chain.ts';
export {
  BOX_NONCE_BYTES, BOX_TAG_BYTES, type BoxKey, boxKeyOf, nonceOf, openBox, openBoxInto, openPaddedBoxInto, sealBox, sealBoxInto,
} from './box.ts';
export { type BoxOpener, type BoxSealer, createBoxOpener, createBoxSealer } from './box-stream.ts';
export { CHACHA_TAG_BYTES, openChaChaInto, sealChaChaInto } from './chacha.ts';
export { type ChainError, type ChainRules, fingerprintOf, leafPublicKey, validateChain } from './certificate-chain.ts';
export { createSha256, createSha512, equalSecret, hkdfSha512, sha256, sha3_256, sha3_384, sha512 } from './hashes.ts';
export { decodePrivateKey, decodePublicKey, encodePrivateKey, encodePublicKey } from './key-der.ts';
export { agree, generateKeyPair, publicKeyOf, publicKeysEqual, sign, verify } from './key-operations.ts';
export * from './keys.ts';
export { nativeProvider } from './native-provider.ts';
export { portableProvider } from './portable-provider.ts';
export type { AeadKeys, ChaChaKeys, CryptoProvider, Digester, Sealed } from './provider.ts';
export { randomBytes } from './random-bytes.ts';
export { decapsulate, encapsulate, generateKemKeyPair, type KemKeyPair, SNTRUP761_BYTES } from './sntrup761/kem.ts';
export { decodeSignedKey, encodeSignedKey, type SessionPublicKey, type SignedKey } from './signed-key.ts';
