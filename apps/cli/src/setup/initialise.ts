/**
 * A new relay's files (SMP §9.3): settings, password and identity. Nothing that exists is ever overwritten. The settings
 * come first and the online certificate last, so that a relay with an identity has everything else.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { toBase64Url, utf8 } from '@polyplex/base';
import { fingerprintOf, type SignatureKind } from '@polyplex/crypto';
import { issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { holdsData, storeFolder } from 'smp-server';
import { stringify } from 'yaml';
import { CONFIG_FILE } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import { makePrivateFolder, writeNewPrivateFile } from './private-files.ts';

export const FILES = {
  caKey: 'ca/ca.key',
  caCertificate: 'ca/ca.crt',
  caReadme: 'ca/README.txt',
  key: 'server.key',
  certificate: 'server.crt',
  fingerprint: 'fingerprint',
  password: 'password',
  config: CONFIG_FILE,
} as const;

export interface NewRelay {
  /** Absolute. */
  readonly configDir: string;
  /** Absolute, or relative to the working directory. */
  readonly dataDir: string;
  readonly hosts: readonly string[];
  readonly port: number;
  /** Null for none. */
  readonly password: string | null;
  /** Absolute. */
  readonly passwordFile: string;
  readonly algorithm: SignatureKind;
}

const DEFAULT_PORT = 5223;
/** Beside the configuration folder, so that both can be moved together. */
const DEFAULT_DATA_DIR = '../data';
const MAX_COMMON_NAME_BYTES = 64;
/** What a relay starts with. The CA's files may be elsewhere. */
const ONLINE = [FILES.key, FILES.certificate];
/** In the order in which they are written: the fingerprint says which CA belongs to the rest. */
const IDENTITY = [FILES.fingerprint, FILES.caCertificate, FILES.caKey, ...ONLINE];

const CA_README = `ca.key is this relay's identity: with it anybody can pass for the relay, and without it the online certificate
cannot be renewed. The running relay does not need it. Move this folder to a safe place off this machine, and bring
it back for "polyplex cert rotate" (option --ca-key) only.
`;

/** Which of the files that make an identity are there. */
function identityFilesIn(configDir: string): string[] {
  return IDENTITY.filter((name) => existsSync(join(configDir, name)));
}

/** Whether a relay can start with what is there. */
export function hasIdentity(configDir: string): boolean {
  return ONLINE.every((name) => existsSync(join(configDir, name)));
}

/**
 * Writes what is missing; answers what was there and was kept. Throws `CliError` FILES before anything is written when
 * there is an identity already, or part of one, or data that only a lost one can have made.
 */
export function initialise(relay: NewRelay): readonly string[] {
  const { configDir, dataDir } = relay;
  refuseSecondIdentity(configDir, dataDir);
  const files = { ...settingsFiles(relay), ...identityFiles(relay) };
  makePrivateFolder(join(configDir, 'ca'));
  makePrivateFolder(dataDir);
  const kept = Object.keys(files).filter((path) => existsSync(path));
  for (const [path, content] of Object.entries(files)) {
    if (!kept.includes(path)) writeNewPrivateFile(path, content);
  }
  return kept;
}

function refuseSecondIdentity(configDir: string, dataDir: string): void {
  const found = identityFilesIn(configDir);
  if (hasIdentity(configDir)) {
    throw new CliError('FILES', `${configDir} holds a relay already (${found.join(', ')}); nothing was changed`);
  }
  if (found.length > 0) {
    const missing = IDENTITY.filter((name) => !found.includes(name));
    throw new CliError('FILES', `${configDir} holds part of a relay's identity (${found.join(', ')}), but not ${missing.join(', ')}; nothing was changed.
Bring the missing files back. With the CA key, "polyplex cert rotate" makes server.key and server.crt anew. If nobody uses
this relay yet, move those that are there away: the next start makes a new identity, with a new address.`);
  }
  const data = storeFolder({ dataDir: resolve(dataDir) });
  if (holdsData({ dataDir })) {
    throw new CliError('FILES', `${data} holds the data of a relay, but ${configDir} holds no identity; nothing was changed.
Name the right folder with --config-dir, or bring it back: a new identity has a new address, under which no user would find
that data. With the folder ca/ in it, "polyplex cert rotate" makes server.key and server.crt anew; polyplex.yaml and the
password are as before only from a copy. To begin anew, move ${data} away.`);
  }
}

/** Settings that are there already count as they are. */
function settingsFiles(relay: NewRelay): Record<string, string> {
  const { configDir, password, passwordFile } = relay;
  return {
    ...(password === null ? {} : { [passwordFile]: `${password}\n` }),
    [join(configDir, FILES.config)]: configText(relay),
  };
}

function identityFiles({ configDir, algorithm, hosts }: NewRelay): Record<string, string> {
  const ca = issueCa({ algorithm });
  const leaf = issueServerCertificate({ ca, algorithm, commonName: commonNameOf(hosts) });
  const chain = leaf.certificate + ca.certificate;
  // What was made is read as the relay will read it, so that no start fails over it.
  const fingerprint = fingerprintOf(readCredentials({ certificatePem: chain, keyPem: leaf.key }).chain);
  if (fingerprint === null) throw new CliError('FAILED', 'the new certificates have no fingerprint');
  return {
    [join(configDir, FILES.caReadme)]: CA_README,
    [join(configDir, FILES.fingerprint)]: `${toBase64Url(fingerprint)}\n`,
    [join(configDir, FILES.caCertificate)]: ca.certificate,
    [join(configDir, FILES.caKey)]: ca.key,
    [join(configDir, FILES.key)]: leaf.key,
    [join(configDir, FILES.certificate)]: chain,
  };
}

/** Of the online certificate; clients look at the fingerprint, so that a name cut short does no harm. */
export function commonNameOf(hosts: readonly string[]): string {
  const characters = [...(hosts[0] ?? 'localhost')];
  while (utf8(characters.join('')).length > MAX_COMMON_NAME_BYTES) characters.pop();
  return characters.join('');
}

function configText({ configDir, dataDir, hosts, port, password, passwordFile }: NewRelay): string {
  const beside = resolve(dataDir) === resolve(configDir, DEFAULT_DATA_DIR);
  const inFolder = passwordFile === join(configDir, FILES.password);
  const settings = {
    address: { hosts },
    storage: { dataDir: beside ? DEFAULT_DATA_DIR : resolve(dataDir) },
    ...(port === DEFAULT_PORT ? {} : { listen: { ports: [port] } }),
    ...(password === null ? {} : { access: { passwordFile: inFolder ? FILES.password : passwordFile } }),
  };
  return `# A Polyplex relay. All settings: \`polyplex config reference\`; what is in effect: \`polyplex config print\`.\n${stringify(settings)}`;
}
