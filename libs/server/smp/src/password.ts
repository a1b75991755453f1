/** The relay's password for NEW and PRXY (SMP §5.2, §7.1). */
import { utf8 } from '@polyplex/base';
import { equalSecret, sha256 } from '@polyplex/crypto';

/** Hashes have equal lengths, so the comparison says nothing about the password's. No password required: any will do. */
export function passwordMatches(required: string | null, given: string | null): boolean {
  return required === null || equalSecret(sha256(utf8(required)), sha256(utf8(given ?? '')));
}
