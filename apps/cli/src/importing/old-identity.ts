/**
 * The identity of a server of the reference (XFTP §7.1), put where Polyplex looks for it: the address stays the same.
 * Nothing that is there is ever overwritten, and a folder with another identity is refused.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes, errorText, fromBase64Url, toBase64Url } from '@polyplex/base';
import { fingerprintOf } from '@polyplex/crypto';
import { readCredentials } from '@polyplex/transport-tls';
import { readText } from '../read-text.ts';
import { CliError } from '../report-failure.ts';
import { caReadme, FILES, findIdentity } from '../setup/identity-files.ts';
import { makePrivateFolder, writeNewPrivateFile } from '../setup/private-files.ts';

export interface OldIdentity {
  readonly folder: string;
  readonly fingerprint: Uint8Array;
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
  readonly caCertificate: string;
  /** Null where it is kept elsewhere. */
  readonly caKey: string | null;
}

const OLD_FILES = { key: 'server.key', certificate: 'server.crt', caCertificate: 'ca.crt', caKey: 'ca.key', fingerprint: 'fingerprint' } as const;

/** Throws `CliError` FILES where the files are missing or do not belong together. */
export function readOldIdentity(folder: string): OldIdentity {
  const pem = (name: string): string => `${readText(join(folder, name)).trim()}\n`;
  const [key, certificate, caCertificate] = [pem(OLD_FILES.key), pem(OLD_FILES.certificate), pem(OLD_FILES.caCertificate)];
  const caKey = existsSync(join(folder, OLD_FILES.caKey)) ? pem(OLD_FILES.caKey) : null;
  const fingerprint = checkedFingerprint(folder, certificate + caCertificate, key);
  const stored = fromBase64Url(readText(join(folder, OLD_FILES.fingerprint)).trim());
  if (stored === null || !equalBytes(stored, fingerprint)) {
    throw new CliError('FILES', `${join(folder, OLD_FILES.fingerprint)} is not that of ${OLD_FILES.caCertificate}: these are files of two servers`);
  }
  if (caKey !== null && !belongTogether(caKey, caCertificate)) {
    throw new CliError('FILES', `${join(folder, OLD_FILES.caKey)} is not the key of ${OLD_FILES.caCertificate}`);
  }
  return { folder, fingerprint, key, certificate, caCertificate, caKey };
}

/** Read as the node will read it. */
function checkedFingerprint(folder: string, certificatePem: string, keyPem: string): Uint8Array {
  try {
    const fingerprint = fingerprintOf(readCredentials({ certificatePem, keyPem }).chain);
    if (fingerprint === null) throw new CliError('FILES', 'they name no identity');
    return fingerprint;
  } catch (error) {
    throw new CliError('FILES', `the certificates in ${folder} cannot be used: ${errorText(error)}`, { cause: error });
  }
}

function belongTogether(keyPem: string, certificatePem: string): boolean {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

/** Contents by name, in the order in which they are written: the fingerprint says whose the rest is, the certificate comes last. */
function newFiles({ key, certificate, caCertificate, caKey, fingerprint }: OldIdentity, noun: string): readonly (readonly [name: string, content: string])[] {
  return [
    [FILES.fingerprint, `${toBase64Url(fingerprint)}\n`],
    [FILES.caCertificate, caCertificate],
    ...(caKey === null ? [] : [[FILES.caReadme, caReadme(noun)], [FILES.caKey, caKey]] as const),
    [FILES.key, key],
    [FILES.certificate, certificate + caCertificate],
  ];
}

/** Names of the files that are to be written (`noun`: whose they are); throws `CliError` FILES where another identity is in the folder. */
export function missingFiles(identity: OldIdentity, target: string, noun: string): readonly string[] {
  const files = newFiles(identity, noun);
  const present = files.filter(([name]) => existsSync(join(target, name)));
  const others = present.filter(([name, content]) => readText(join(target, name)).trim() !== content.trim()).map(([name]) => name);
  // A certificate made anew since is another one of the same identity.
  const isSame = present.some(([name]) => name === FILES.fingerprint) && !others.includes(FILES.fingerprint);
  if (others.length > 0 && !(isSame && findIdentity(target).state === 'whole')) {
    throw new CliError('FILES', `${target} holds another identity, or part of one (${others.join(', ')}); nothing was changed. Move it away, or name another folder with --config-dir`);
  }
  return files.map(([name]) => name).filter((name) => !present.some(([other]) => other === name));
}

/** Writes what is missing; answers the names. */
export function takeOver(identity: OldIdentity, target: string, noun: string): readonly string[] {
  const missing = missingFiles(identity, target, noun);
  if (missing.length > 0) makePrivateFolder(join(target, 'ca'));
  for (const [name, content] of newFiles(identity, noun)) {
    if (missing.includes(name)) writeNewPrivateFile(join(target, name), content);
  }
  return missing;
}
