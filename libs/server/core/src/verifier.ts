/**
 * Verifies authorisations in time that depends only on the kind of authorisation sent (SMP §8.1): where there is no
 * suitable key, a dummy key whose private part nobody knows is verified against, and the result is ignored.
 * X25519 box keys are kept per session and key, but only after a success: a cached failure would be a faster failure
 * than a missing queue.
 */
import { fromBase64Url, idKey } from '@polyplex/base';
import { type BoxKey, decodePublicKey, type PrivateKey, type PublicKey } from '@polyplex/crypto';
import { type AuthKey, type AuthKind, authenticatorKey, authKindOf, verifyAuthenticator, verifySignature } from '@polyplex/protocol-common';

function dummy(spki: string): AuthKey {
  return decodePublicKey(fromBase64Url(spki.replaceAll('+', '-').replaceAll('/', '_'))!) as AuthKey;
}

/** SMP §8.1. */
const DUMMY_KEYS: Readonly<Record<AuthKind, AuthKey>> = {
  ed25519: dummy('MCowBQYDK2VwAyEA139Oqs4QgpqbAmB0o7rZf6T19ryl7E65k4AYe0kE3Qs='),
  ed448: dummy('MEMwBQYDK2VxAzoA6ibQc9XpkSLtwrf7PLvp81qW/etiumckVFImCMRdftcG/XopbOSaq9qyLhrgJWKOLyNrQPNVvpMA'),
  x25519: dummy('MCowBQYDK2VuAyEA4JGSMYht18H4mas/jHeBwfcM7jLwNYJNOAhi2/g4RXg='),
};

const CACHED_BOX_KEYS = 512;

export interface Authorization {
  readonly auth: Uint8Array;
  readonly corrId: Uint8Array;
  /** The bytes that the key must authorise. */
  readonly authorized: Uint8Array;
}

export class Verifier {
  private readonly sessionKey: PrivateKey<'x25519'>;
  private boxKeys: Map<string, BoxKey> | null = null;

  constructor(sessionKey: PrivateKey<'x25519'>) {
    this.sessionKey = sessionKey;
  }

  /**
   * Whether any of the keys authorises; with none that suits, as slow as with one that does not verify. `again`: the key is
   * likely to be needed again, and worth being kept.
   */
  verify(keys: readonly PublicKey[], authorization: Authorization, again = true): boolean {
    const kind = authKindOf(authorization.auth);
    if (kind === null || kind === 'none') return false;
    const suitable = keys.filter((key) => key.kind === kind) as AuthKey[];
    if (suitable.length > 0) return suitable.some((key) => this.verifyOne(key, authorization, again));
    this.verifyOne(DUMMY_KEYS[kind], authorization, again);
    return false;
  }

  /** Takes the time of a failed verification. */
  waste(authorization: Authorization): void {
    this.verify([], authorization);
  }

  private verifyOne(key: AuthKey, { auth, corrId, authorized }: Authorization, again: boolean): boolean {
    if (key.kind !== 'x25519') return verifySignature(key, authorized, auth);
    const name = idKey(key.raw);
    const cached = this.boxKeys?.get(name);
    const boxKey = cached ?? authenticatorKey(this.sessionKey, key as PublicKey<'x25519'>);
    if (boxKey === null) return false;
    const valid = verifyAuthenticator(boxKey, corrId, auth, authorized);
    if (valid && again && cached === undefined) this.remember(name, boxKey);
    return valid;
  }

  private remember(name: string, boxKey: BoxKey): void {
    this.boxKeys ??= new Map();
    if (this.boxKeys.size >= CACHED_BOX_KEYS) this.boxKeys.delete(this.boxKeys.keys().next().value!);
    this.boxKeys.set(name, boxKey);
  }
}
