/**
 * A new relay's files (SMP §9.3): identity, password and configuration. Nothing that exists is ever overwritten, and the
 * configuration is written last, so that a relay with a configuration has everything else.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { toBase64Url } from '@polyplex/base';
import { fingerprintOf, type SignatureKind } from '@polyplex/crypto';
import { issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
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
  readonly algorithm: SignatureKind;
}

const DEFAULT_PORT = 5223;
/** Beside the configuration folder, so that both can be moved together. */
const DEFAULT_DATA_DIR = '../data';
const MAX_COMMON_NAME = 64;

const CA_README = `ca.key is this relay's identity: with it anybody can pass for the relay, and without it the online certificate
cannot be renewed. The running relay does not need it. Move this folder to a safe place off this machine, and bring
it back for "polyplex cert rotate" (option --ca-key) only.
`;

/** Which files of a relay are there already. */
export function existingFiles(configDir: string): string[] {
  return Object.values(FILES).filter((name) => existsSync(join(configDir, name)));
}

/** Writes everything, or throws `CliError` FILES before anything is written when any of it exists. */
export function initialise(relay: NewRelay): void {
  const { configDir, dataDir } = relay;
  const existing = existingFiles(configDir);
  if (existing.length > 0) {
    throw new CliError('FILES', `${configDir} holds a relay already (${existing.join(', ')}); nothing was changed`);
  }
  makePrivateFolder(join(configDir, 'ca'));
  makePrivateFolder(dataDir);
  const write = (name: string, content: string): void => writeNewPrivateFile(join(configDir, name), content);
  for (const [name, content] of Object.entries(identityFiles(relay))) write(name, content);
  if (relay.password !== null) write(FILES.password, `${relay.password}\n`);
  write(FILES.config, configText(relay));
}

function identityFiles({ algorithm, hosts }: NewRelay): Record<string, string> {
  const ca = issueCa({ algorithm });
  const leaf = issueServerCertificate({ ca, algorithm, commonName: commonNameOf(hosts) });
  const chain = leaf.certificate + ca.certificate;
  // What was made is read as the relay will read it, so that no start fails over it.
  const fingerprint = fingerprintOf(readCredentials({ certificatePem: chain, keyPem: leaf.key }).chain);
  if (fingerprint === null) throw new CliError('FAILED', 'the new certificates have no fingerprint');
  return {
    [FILES.caKey]: ca.key,
    [FILES.caCertificate]: ca.certificate,
    [FILES.caReadme]: CA_README,
    [FILES.key]: leaf.key,
    [FILES.certificate]: chain,
    [FILES.fingerprint]: `${toBase64Url(fingerprint)}\n`,
  };
}

/** Of the online certificate; clients look at the fingerprint, so that a name cut short does no harm. */
export function commonNameOf(hosts: readonly string[]): string {
  return (hosts[0] ?? 'localhost').slice(0, MAX_COMMON_NAME);
}

function configText({ configDir, dataDir, hosts, port, password }: NewRelay): string {
  const beside = resolve(dataDir) === resolve(configDir, DEFAULT_DATA_DIR);
  const settings = {
    address: { hosts },
    storage: { dataDir: beside ? DEFAULT_DATA_DIR : resolve(dataDir) },
    ...(port === DEFAULT_PORT ? {} : { listen: { ports: [port] } }),
    ...(password === null ? {} : { access: { passwordFile: FILES.password } }),
  };
  return `# A Polyplex relay. All settings: \`polyplex config reference\`; what is in effect: \`polyplex config print\`.\n${stringify(settings)}`;
}
