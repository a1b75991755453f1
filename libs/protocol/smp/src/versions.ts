/** SMP versions and the ranges that each party offers (SMP §3.7). Versions gate encodings, not acceptance. */
import type { VersionRange } from '@polyplex/protocol-common';

/** Every version that we speak, with what it changed on the wire. */
export const SMP_VERSIONS = {
  6: 'subscription mode in NEW',
  7: 'X25519 authenticators; session id implied; session keys in hellos',
  8: 'private routing: PRXY, PFWD, RFWD; bodies up to 16064 bytes',
  9: 'SKEY; sender can secure',
  10: 'DELD',
  11: 'block encryption; bodies up to 16048 bytes',
  12: 'BLOCKED',
  13: 'never given a meaning',
  14: 'proxyServer in the client hello',
  15: 'link data: LSET, LDEL, LKEY, LGET; RKEY; queue modes',
  16: 'service certificates; SOK',
  17: 'notifier credentials in NEW',
  18: 'client notices in BLOCKED',
} as const;

export const RELAY_VERSIONS: VersionRange = { min: 6, max: 18 };
export const CLIENT_VERSIONS: VersionRange = { min: 6, max: 18 };
/** Offered to clients that negotiated no ALPN protocol. */
export const LEGACY_VERSIONS: VersionRange = { min: 6, max: 6 };
/** Offered to end clients in PKEY: one below the current, which hides client upgrades from destination relays. */
export const PROXIED_VERSIONS: VersionRange = { min: 8, max: 17 };

export const PROXY_VERSION = 8;
export const SENDER_CAN_SECURE_VERSION = 9;
export const DELETED_EVENT_VERSION = 10;
export const BLOCK_ENCRYPTION_VERSION = 11;
export const BLOCKED_VERSION = 12;
export const SHORT_LINKS_VERSION = 15;
export const NOTIFIER_IN_NEW_VERSION = 17;
export const NOTICE_VERSION = 18;

/** Largest body of SEND in bytes, by version (SMP §6.1). */
export function maxBodyBytes(version: number): number {
  if (version >= BLOCK_ENCRYPTION_VERSION) return 16_048;
  return version >= PROXY_VERSION ? 16_064 : 16_088;
}
