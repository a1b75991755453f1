/** What the name of the crypto library leads to where lives are lived by the thousand (`fake-crypto.ts`); the rest is the real one. */
export * from '@polyplex/crypto';
export {
  agree, boxKeyOf, decapsulate, encapsulate, generateKemKeyPair, generateKeyPair, hkdfSha512, openAead, openBox, openBoxInto, publicKeyOf, randomBytes, sealAead, sealBox,
  sealBoxInto, sha256, sign,
} from './fake-crypto.ts';
