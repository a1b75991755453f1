/**
 * The checks between lookup and handling, in the order of XFTP §6: missing file, blocked file, authorisation. Existence
 * must not be observable: every refusal that depends on it takes the time of a verification.
 */
import type { PublicKey } from '@polyplex/crypto';
import { AUTH_ERROR, BLOCKED_VERSION, type XftpError } from '@polyplex/protocol-xftp';
import type { FoundFile } from '@polyplex/store-contract';
import type { Sender } from './context.ts';
import type { Incoming } from './incoming.ts';

/** Verifies a command against a key that it carries itself: FNEW. */
export function authorizedBy({ verifier }: Sender, { auth, corrId, signed }: Incoming, key: PublicKey): boolean {
  return verifier.verify([key], { auth, corrId, authorized: signed });
}

/** Why a command on a file is refused; null when it may be handled. */
export function authorize(sender: Sender, incoming: Incoming, found: FoundFile | null): XftpError | null {
  const { auth, corrId, signed } = incoming;
  const authorization = { auth, corrId, authorized: signed };
  const status = found?.file.status;
  if (status?.state === 'blocked' && sender.version >= BLOCKED_VERSION) return { type: 'BLOCKED', info: status.info };
  if (found === null || status?.state !== 'active') {
    sender.verifier.waste(authorization);
    return AUTH_ERROR;
  }
  return sender.verifier.verify([found.key], authorization) ? null : AUTH_ERROR;
}
