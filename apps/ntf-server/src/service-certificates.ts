/**
 * Certificates of our service at relays (NTF §4.4, §11): one for each relay, or relays could tell by it that they have the
 * same push proxy. All come from one secret, so that they are the same on every node and after every start, and none has to
 * be kept.
 */
import { createHmac } from 'node:crypto';
import { type Credentials, issueServiceCertificate, readCredentials } from '@polyplex/transport-tls';

/** Says nothing, and is the same for every server. */
const COMMON_NAME = 'notifications';
const ALGORITHM = 'ed25519';
/** Of no meaning but that it stays: it is in the certificate. */
const ISSUED_AT = Date.UTC(2025, 0, 1);
const SEED_BYTES = 32;

/** `secret`: that of `ntfRelays.serviceKeyFile`. Answers the credentials by a relay's text. */
export function serviceCertificates(secret: string): (relay: string) => Credentials {
  return (relay) => {
    const seed = new Uint8Array(createHmac('sha512', secret).update(`service at ${relay}`).digest()).subarray(0, SEED_BYTES);
    const { certificate, key } = issueServiceCertificate({ commonName: COMMON_NAME, algorithm: ALGORITHM, seed, now: ISSUED_AT });
    return readCredentials({ certificatePem: certificate, keyPem: key, allowSelfSigned: true });
  };
}
