/** Public and private keys as raw bytes with their kind; DER forms of SMP §1.2. */

export type SignatureKind = 'ed25519' | 'ed448';
export type AgreementKind = 'x25519' | 'x448';
export type KeyKind = SignatureKind | AgreementKind;

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
