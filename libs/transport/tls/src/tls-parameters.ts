/**
 * The TLS parameters of SMP §2.1 and the choice of protocol of §2.2: strict ones for ports and clients that speak SMP
 * only, wide ones for a port shared with HTTPS. Sessions are never resumed, as that would make the session identifier
 * (§2.5) that of another handshake: no ticket keys are used and no session is stored, so whatever ticket OpenSSL still
 * sends on TLS 1.3 names nothing.
 */
import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

const COMMON: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  // Chains are checked by their fingerprint; an empty list also spares the process the system's root certificates.
  ca: [],
};

export const STRICT_PARAMETERS: SecureContextOptions = {
  ...COMMON,
  ciphers: 'TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-CHACHA20-POLY1305',
  ecdhCurve: 'X448:X25519',
  sigalgs: 'ed448:ed25519',
};

/** For all clients of a port shared with HTTPS, with or without SNI. */
export const WIDE_PARAMETERS: SecureContextOptions = {
  ...COMMON,
  ciphers: [
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
  ecdhCurve: 'X25519:X448:ffdhe4096:ffdhe6144:ffdhe8192:P-521',
  sigalgs: [
    'ed448',
    'ed25519',
    'ECDSA+SHA256',
    'ECDSA+SHA384',
    'ECDSA+SHA512',
    'rsa_pss_rsae_sha512',
    'rsa_pss_rsae_sha384',
    'rsa_pss_rsae_sha256',
    'RSA+SHA512',
    'RSA+SHA384',
    'RSA+SHA256',
  ].join(':'),
};

/** Names under which SMP is spoken, whichever of them a client without SNI offers. */
const SMP_PROTOCOLS: readonly string[] = ['smp/1', 'h2', 'http/1.1'];
/** What the HTTPS side of a shared port speaks. */
const HTTPS_PROTOCOLS: readonly string[] = ['http/1.1'];

/** The first of the client's protocols that we know (not the first of ours); undefined: alert no_application_protocol. */
export function chooseProtocol(offered: readonly string[], https: boolean, own: readonly string[] = SMP_PROTOCOLS): string | undefined {
  const known = https ? HTTPS_PROTOCOLS : own;
  return offered.find((name) => known.includes(name));
}
