/** The client's side of the handshake of a push proxy (NTF §1.3): functions of blocks and facts; nothing here waits. */
import { equalBytes } from '@polyplex/base';
import type { PublicKey } from '@polyplex/crypto';
import { type ConnectionFacts, intersectVersions, openHandshakeBlock, type VersionRange } from '@polyplex/protocol-common';
import { BATCHING_VERSION, ntfClientHello, ntfHandshakeBlock, ntfServerHello } from '@polyplex/protocol-ntf';
import { keySignedBy } from '../client-handshake.ts';
import { transportError } from '../client-error.ts';

/** What both ends agreed on. */
export interface AgreedNtfSession {
  readonly version: number;
  readonly sessionId: Uint8Array;
  /** For authenticators; null in version 1. */
  readonly serverKey: PublicKey<'x25519'> | null;
}

/** Checks the server's hello and answers it. Throws `SmpClientError` with code `TRANSPORT`. */
export function answerNtfHello(
  block: Uint8Array, facts: ConnectionFacts, own: { readonly versions: VersionRange; readonly keyHash: Uint8Array },
): { readonly hello: Uint8Array; readonly session: AgreedNtfSession } {
  const hello = openHandshakeBlock(ntfServerHello, block);
  if (hello === null) throw transportError('HANDSHAKE PARSE');
  if (!equalBytes(hello.sessionId, facts.sessionId)) throw transportError('SESSION');
  const agreed = intersectVersions(own.versions, hello.versions);
  if (agreed === null) throw transportError('VERSION');
  const version = agreed.max;
  const serverKey = version < BATCHING_VERSION || hello.signedKey === null ? null : keySignedBy(facts.peerChain, hello.signedKey);
  if (version >= BATCHING_VERSION && serverKey === null) throw transportError('HANDSHAKE BAD_AUTH');
  return {
    hello: ntfHandshakeBlock(ntfClientHello, { version, keyHash: own.keyHash }),
    session: { version, sessionId: facts.sessionId, serverKey },
  };
}
