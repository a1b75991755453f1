/**
 * The files of a server's identity (SMP §9.3, XFTP §7.1, NTF §6.7), by their names in its folder: the configuration folder
 * itself for the relay, `xftp` in it for the file server, `ntf` for the push proxy.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64Url, utf8 } from '@polyplex/base';
import { fingerprintOf, type SignatureKind } from '@polyplex/crypto';
import type { IdentityFiles } from '@polyplex/node';
import { issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { CliError } from '../report-failure.ts';

export const FILES = {
  caKey: 'ca/ca.key',
  caCertificate: 'ca/ca.crt',
  caReadme: 'ca/README.txt',
  key: 'server.key',
  certificate: 'server.crt',
  fingerprint: 'fingerprint',
} as const;

/** What a server starts with. The CA's files may be elsewhere. */
const ONLINE = [FILES.key, FILES.certificate];
/** In the order in which they are written: the fingerprint says which CA belongs to the rest. */
const IDENTITY = [FILES.fingerprint, FILES.caCertificate, FILES.caKey, ...ONLINE];

const MAX_COMMON_NAME_BYTES = 64;

export interface FoundIdentity {
  /** Whether the server can start with what is there. */
  readonly state: 'whole' | 'part' | 'none';
  readonly found: readonly string[];
  readonly missing: readonly string[];
}

/** What of an identity is in a folder. */
export function findIdentity(folder: string): FoundIdentity {
  const found = IDENTITY.filter((name) => existsSync(join(folder, name)));
  const missing = IDENTITY.filter((name) => !found.includes(name));
  const isWhole = ONLINE.every((name) => found.includes(name));
  return { state: isWhole ? 'whole' : found.length > 0 ? 'part' : 'none', found, missing };
}

/** Whether settings name the identity in this folder; one that lies elsewhere is others' to make. */
export function isOwnIdentity(folder: string, { certificateFile, keyFile, caCertificateFile }: IdentityFiles): boolean {
  const [certificate, key] = [FILES.certificate, FILES.key].map((name) => join(folder, name));
  return certificateFile === certificate && keyFile === key && caCertificateFile === null;
}

export interface NewIdentity {
  readonly folder: string;
  readonly hosts: readonly string[];
  readonly algorithm: SignatureKind;
  /** Whose it is, in a sentence. */
  readonly noun: string;
}

/** What lies beside the CA key, for whoever finds it. */
export function caReadme(noun: string): string {
  return `ca.key is this ${noun}'s identity: with it anybody can pass for the ${noun}, and without it the online certificate
cannot be renewed. The running ${noun} does not need it. Move this folder to a safe place off this machine, and bring
it back for "polyplex cert rotate" (option --ca-key) only.
`;
}

/** Contents by path, in the order in which they are to be written. */
export function newIdentityFiles({ folder, algorithm, hosts, noun }: NewIdentity): Record<string, string> {
  const ca = issueCa({ algorithm });
  const leaf = issueServerCertificate({ ca, algorithm, commonName: commonNameOf(hosts) });
  const chain = leaf.certificate + ca.certificate;
  // What was made is read as the server will read it, so that no start fails over it.
  const fingerprint = fingerprintOf(readCredentials({ certificatePem: chain, keyPem: leaf.key }).chain);
  if (fingerprint === null) throw new CliError('FAILED', 'the new certificates have no fingerprint');
  return {
    [join(folder, FILES.caReadme)]: caReadme(noun),
    [join(folder, FILES.fingerprint)]: `${toBase64Url(fingerprint)}\n`,
    [join(folder, FILES.caCertificate)]: ca.certificate,
    [join(folder, FILES.caKey)]: ca.key,
    [join(folder, FILES.key)]: leaf.key,
    [join(folder, FILES.certificate)]: chain,
  };
}

/** Of the online certificate; clients look at the fingerprint, so that a name cut short does no harm. */
export function commonNameOf(hosts: readonly string[]): string {
  const characters = [...(hosts[0] ?? 'localhost')];
  while (utf8(characters.join('')).length > MAX_COMMON_NAME_BYTES) characters.pop();
  return characters.join('');
}
