/**
 * XFTP versions (XFTP §2.5): 1 the first, also without a handshake; 2 announced X25519 authenticators; 3 brought the error
 * BLOCKED. Nothing else depends on the version.
 */
import type { VersionRange } from '@polyplex/protocol-common';

export const XFTP_VERSIONS: VersionRange = { min: 1, max: 3 };
/** What a connection without ALPN speaks; it has no handshake. */
export const LEGACY_VERSION = 1;
/** Below it a blocked file is answered with AUTH. */
export const BLOCKED_VERSION = 3;
