/** Why a message could not be decrypted, or a ratchet not begun. */
import { CodedError } from '@polyplex/base';

/**
 * `HEADER`: for no key that is known; `DUPLICATE`: the last one again; `EARLIER`: older than the last; `TOO_MANY_SKIPPED`: more than
 * 512 would be missing; `BODY`: its tag is wrong; `KEM`: a key was answered that was never offered, or cannot be used; `KEY`: a point of
 * low order; `NOT_SENDING`: nothing was received yet; `TOO_LARGE`: it does not fit its padding.
 */
export type RatchetErrorCode = 'HEADER' | 'DUPLICATE' | 'EARLIER' | 'TOO_MANY_SKIPPED' | 'BODY' | 'KEM' | 'KEY' | 'NOT_SENDING' | 'TOO_LARGE';

export class RatchetError extends CodedError<RatchetErrorCode> {
  override readonly name = 'RatchetError';
}
