/** Who pushes, as push services want to know it (VAPID, RFC 8292): a signed token for each origin. */
import { type Clock, HOUR, MINUTE, unixSeconds } from '@polyplex/base';
import { PushSetupError } from '../push-error.ts';
import { base64UrlOf, readSigningKey, type SigningKey } from '../signing-key.ts';

export interface VapidKey {
  readonly signing: SigningKey;
  /** What apps subscribe with: base64url without padding of the public point, 87 characters. */
  readonly publicKey: string;
}

const ADVICE = 'It has to be the PEM file that init made; with a new one all devices of Web Push have to register again.';
const VALID_SECONDS = HOUR / 1000;
const RENEW_BEFORE_MS = MINUTE;

/** Throws `PushSetupError` with code `KEY`. */
export function readVapidKey(pem: string, file: string): VapidKey {
  const signing = readSigningKey(pem, { file, advice: ADVICE });
  return { signing, publicKey: base64UrlOf(signing.publicPoint) };
}

/** Whom a push service may ask: `mailto:` or `https:` (RFC 8292 §2.1). Throws `PushSetupError` with code `SETTING`. */
export function checkSubject(subject: string): string {
  if (!/^(mailto:[^\s@]+@[^\s@]+|https:\/\/[^\s]+)$/.test(subject)) {
    throw new PushSetupError('SETTING', 'the contact for push services has to be mailto:<address> or https://<page>');
  }
  return subject;
}

/** The header for one origin, kept for as long as it is valid. */
export class VapidHeader {
  readonly #key: VapidKey;
  readonly #subject: string;
  readonly #origin: string;
  readonly #clock: Clock;
  #header = '';
  #madeAt = -Infinity;

  constructor(key: VapidKey, claims: { readonly subject: string; readonly origin: string }, clock: Clock) {
    this.#key = key;
    this.#subject = claims.subject;
    this.#origin = claims.origin;
    this.#clock = clock;
  }

  current(): string {
    const age = this.#clock.now() - this.#madeAt;
    if (age < 0 || age >= HOUR - RENEW_BEFORE_MS) this.#make();
    return this.#header;
  }

  #make(): void {
    const { signing, publicKey } = this.#key;
    this.#madeAt = this.#clock.now();
    const claims = { aud: this.#origin, exp: unixSeconds(this.#clock) + VALID_SECONDS, sub: this.#subject };
    this.#header = `vapid t=${signing.jwt({ typ: 'JWT', alg: 'ES256' }, claims)}, k=${publicKey}`;
  }
}
