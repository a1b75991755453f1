/**
 * The CA of a server that is there already. Everything is found from the CA's key: its certificate is the one that
 * belongs to it, and the identity is the one that the address names. The online pair may be in any state.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { equalBytes } from '@polyplex/base';
import { fingerprintOf, sha256 } from '@polyplex/crypto';
import { fingerprintFile, type IdentityFiles, knownFingerprint } from '@polyplex/node';
import { readText } from '../read-text.ts';
import { CliError } from '../report-failure.ts';
import { FILES } from './identity-files.ts';

export interface CaFiles {
  /** PEM both. */
  readonly key: string;
  readonly certificate: string;
  readonly fingerprint: Uint8Array;
  /** Whether some file said that this is the server's fingerprint. */
  readonly isKnown: boolean;
}

/** Throws `CliError` FILES, or `NodeError` IDENTITY, when this key cannot be shown to be the CA key of this server. */
export function readCa(keyFile: string, { certificateFile, caCertificateFile }: IdentityFiles): CaFiles {
  if (!existsSync(keyFile)) {
    throw new CliError('FILES', `the CA key is not in ${keyFile}: bring it back from its safe place and name it with --ca-key`);
  }
  const key = readText(keyFile);
  const privateKey = readKey(keyFile, key);
  const beside = join(dirname(keyFile), basename(FILES.caCertificate));
  const present = certificatesIn(certificateFile, caCertificateFile);
  const belonging = [...certificatesIn(beside), ...present].filter((certificate) => certificate.checkPrivateKey(privateKey));
  if (belonging.length === 0) {
    throw new CliError('FILES', `no CA certificate belongs to the CA key: neither ${beside} nor one in ${certificateFile} does; bring ca.crt back beside the key`);
  }
  const known = knownFingerprint(certificateFile) ?? fingerprintOfPair(present);
  const found = belonging.find(({ raw }) => known === null || equalBytes(sha256(raw), known));
  if (found === undefined) {
    throw new CliError('FILES', `the CA key is that of another identity than ${fingerprintFile(certificateFile)} or the present certificate names; nothing was changed`);
  }
  return { key, certificate: found.toString(), fingerprint: sha256(found.raw), isKnown: known !== null };
}

function readKey(file: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new CliError('FILES', `${file} is no private key in unencrypted PEM (PKCS #8)`, { cause: error });
  }
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Those that can be read, in order; damaged ones are what is to be replaced. */
function certificatesIn(...files: readonly (string | null)[]): X509Certificate[] {
  const texts = files.filter((file) => file !== null && existsSync(file)).flatMap((file) => readText(file ?? '').match(PEM_CERTIFICATE) ?? []);
  return texts.flatMap((text) => {
    try {
      return [new X509Certificate(text)];
    } catch {
      return [];
    }
  });
}

/** Of an online certificate with its CA; null for less, which names no identity. */
function fingerprintOfPair(chain: readonly X509Certificate[]): Uint8Array | null {
  return chain.length < 2 ? null : fingerprintOf(chain.map(({ raw }) => new Uint8Array(raw)));
}
