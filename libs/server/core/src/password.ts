/** A server's password for what makes work for it: NEW and PRXY (SMP §5.2, §7.1), FNEW (XFTP §5.2). */
import { utf8 } from '@polyplex/base';
import { equalSecret, sha256 } from '@polyplex/crypto';

/** Hashes have equal lengths, so the comparison says nothing about the password's. No password required: any will do. */
export function passwordMatches(required: string | null, given: string | null): boolean {
  return required === null || equalSecret(sha256(utf8(required)), sha256(utf8(given ?? '')));
}
