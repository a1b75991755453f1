/**
 * The wall in front of the CA key. It stays on the operator's machine: servers need the online certificate and its key alone, and
 * whoever has the CA key can pass for the server for ever. So files are read by the closed list of `names.ts`, and a key that turns
 * out to be the one of a CA certificate, as when `ca.key` was copied over `server.key`, is refused before it goes anywhere.
 */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InfraError } from '../errors.ts';
import { type SecretName, secretEntry } from './names.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/g;

function publicKeyOf(pem: string): string {
  return createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' });
}

/**
 * The key belongs to the first certificate and to no other, and there is one key.
 * @throws InfraError `CA_KEY`, or `SECRETS` where the two do not belong together
 */
export function checkIdentity(server: string, certificates: string, key: string): void {
  if (key.match(PRIVATE_KEY)?.length !== 1 || certificates.match(PRIVATE_KEY) !== null) {
    throw new InfraError('SECRETS', `${server}: the key file must hold one private key, the certificate file none`);
  }
  const chain = (certificates.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
  const own = publicKeyOf(key);
  const [online, ...others] = chain.map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }));
  if (chain[0]?.ca === true || others.includes(own)) {
    throw new InfraError('CA_KEY', `${server}: this is the key of the CA. It stays offline; servers get server.crt and server.key (polyplex cert rotate makes them)`);
  }
  if (online !== own) throw new InfraError('SECRETS', `${server}: certificate and key do not belong together`);
}

/** One secret of an identity, from the configuration folder. @throws InfraError `SECRETS` */
export async function readIdentityFile(folder: string, name: SecretName): Promise<string> {
  const { source } = secretEntry(name);
  if (!('file' in source)) throw new InfraError('SECRETS', `${name} is in no file of the configuration folder`);
  try {
    return await readFile(join(folder, source.file), 'utf8');
  } catch (error) {
    throw new InfraError('SECRETS', `${source.file} cannot be read in the configuration folder: run polyplex init, with --push for a push proxy`, { cause: error });
  }
}

const IDENTITIES = [['relay', 'relayCertificate', 'relayKey'], ['files', 'filesCertificate', 'filesKey'], ['push', 'pushCertificate', 'pushKey']] as const;

/** All identities among these secrets. @throws InfraError as `checkIdentity` */
export function checkIdentities(secrets: Readonly<Partial<Record<SecretName, string>>>): void {
  for (const [server, certificate, key] of IDENTITIES) {
    const values = [secrets[certificate], secrets[key]] as const;
    if (values[0] !== undefined && values[1] !== undefined) checkIdentity(server, values[0], values[1]);
  }
}
