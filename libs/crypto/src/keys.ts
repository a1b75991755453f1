/**
 * Keys as raw bytes with their kind: the DER forms of SMP §1.2 exist only at the edges (`key-der.ts`). Raw bytes have
 * the length of their kind; whoever makes a key by hand keeps to it.
 */

export type SignatureKind = 'ed25519' | 'ed448';
export type AgreementKind = 'x25519' | 'x448';
export type KeyKind = SignatureKind | AgreementKind;

/** Bytes of a raw key: a public key and the private key of the same kind are equally long. */
export const KEY_BYTES: Readonly<Record<KeyKind, number>> = { ed25519: 32, x25519: 32, ed448: 57, x448: 56 };

/** Bytes of a signature. */
export const SIGNATURE_BYTES: Readonly<Record<SignatureKind, number>> = { ed25519: 64, ed448: 114 };

export interface PublicKey<K extends KeyKind = KeyKind> {
  readonly kind: K;
  readonly raw: Uint8Array;
}

export interface PrivateKey<K extends KeyKind = KeyKind> {
  readonly kind: K;
  /** The 32, 56 or 57 byte seed or scalar, as PKCS#8 holds it. */
  readonly raw: Uint8Array;
}

export interface KeyPair<K extends KeyKind = KeyKind> {
  readonly publicKey: PublicKey<K>;
  readonly privateKey: PrivateKey<K>;
}
