/** The key of an Apple developer account (NTF §4.7), and the short-lived tokens that are signed with it. */
import { type Clock, MINUTE, unixSeconds } from '@polyplex/base';
import { PushSetupError } from '../push-error.ts';
import { readSigningKey, type SigningKey } from '../signing-key.ts';

/** What proves to APNs who pushes. */
export interface ApnsKey {
  readonly signing: SigningKey;
  /** Ten letters and digits. */
  readonly keyId: string;
  readonly teamId: string;
}

export interface ApnsKeyFile {
  /** What the file holds, and its name for messages. */
  readonly pem: string;
  readonly file: string;
  readonly keyId: string;
  readonly teamId: string;
}

const ADVICE = 'It has to be the .p8 file of an APNs key, as Apple\'s developer site gives it out once (Certificates, Identifiers & Profiles, Keys).';
/** Apple wants a token to be 20 to 60 minutes old at most before it is made anew. */
const TOKEN_AGE_MS = 30 * MINUTE;
/** Tokens that are made more often are refused by Apple (TooManyProviderTokenUpdates). */
const MIN_AGE_MS = MINUTE;

/** Throws `PushSetupError`. */
export function readApnsKey({ pem, file, keyId, teamId }: ApnsKeyFile): ApnsKey {
  for (const [name, value] of [['key id', keyId], ['team id', teamId]] as const) {
    if (!/^[A-Z0-9]{10}$/.test(value)) throw new PushSetupError('SETTING', `the ${name} has ten capital letters and digits, as Apple's developer site shows it beside the key`);
  }
  return { signing: readSigningKey(pem, { file, advice: ADVICE }), keyId, teamId };
}

/** The token of the moment. */
export class ProviderToken {
  readonly #key: ApnsKey;
  readonly #clock: Clock;
  #token = '';
  #madeAt = -Infinity;

  constructor(key: ApnsKey, clock: Clock) {
    this.#key = key;
    this.#clock = clock;
  }

  current(): string {
    const age = this.#clock.now() - this.#madeAt;
    // A clock that was set back made a token of the future.
    if (age >= TOKEN_AGE_MS || age < 0) this.#make();
    return this.#token;
  }

  /** APNs says that this one expired: true when there is another one now, or may be made. */
  replace(token: string): boolean {
    if (token !== this.#token) return true;
    if (this.#clock.now() - this.#madeAt < MIN_AGE_MS) return false;
    this.#make();
    return true;
  }

  #make(): void {
    const { signing, keyId, teamId } = this.#key;
    this.#madeAt = this.#clock.now();
    this.#token = signing.jwt({ alg: 'ES256', kid: keyId }, { iss: teamId, iat: unixSeconds(this.#clock) });
  }
}
