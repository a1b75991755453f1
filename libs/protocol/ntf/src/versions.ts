/**
 * NTF versions (NTF §1.4): 1 the first, its session id is sent and nothing is batched; 2 implies the session id, batches,
 * and has a session key in the server's hello, for X25519 authenticators; 3 says why a token is INVALID.
 */
import type { VersionRange } from '@polyplex/protocol-common';

export const NTF_VERSIONS: VersionRange = { min: 1, max: 3 };
/** What a connection without ALPN speaks. */
export const LEGACY_NTF_VERSIONS: VersionRange = { min: 1, max: 1 };
/** Batches, implied session ids and session keys. */
export const BATCHING_VERSION = 2;
/** Below it `INVALID` comes without its reason. */
export const INVALID_REASON_VERSION = 3;
