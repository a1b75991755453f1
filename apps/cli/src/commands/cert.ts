/** `polyplex cert`: the online certificates of the servers. Identities, and with them addresses, stay as they are. */
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorText, toBase64Url } from '@polyplex/base';
import { fingerprintFile, type IdentityFiles } from '@polyplex/node';
import { issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { Command, Option } from 'commander';
import { configFolder, type ConfigFlags, loadSettings, withConfigOptions, withOnlyOption } from '../config-options.ts';
import { readText } from '../read-text.ts';
import { CliError } from '../report-failure.ts';
import { passwordFileOf } from '../server-addresses.ts';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { NOUNS, type ServerName, serversOf } from '../settings/servers.ts';
import { type CaFiles, readCa } from '../setup/ca-files.ts';
import { commonNameOf, FILES, findIdentity } from '../setup/identity-files.ts';
import { replacePrivateFile, writeNewPrivateFile } from '../setup/private-files.ts';
import { SETUPS } from '../setup/server-setup.ts';

interface Flags extends ConfigFlags {
  readonly caKey?: string;
  readonly algorithm?: 'ed25519' | 'ed448';
}

interface Rotation {
  readonly server: ServerName;
  readonly identity: IdentityFiles;
  readonly ca: CaFiles;
  readonly key: string;
  readonly certificate: string;
}

/** All are made before any is replaced: a CA key that is not there changes nothing. */
function rotate(flags: Flags): void {
  // One key belongs to one server, and the relay was first.
  const only = flags.only ?? (flags.caKey === undefined ? undefined : 'smp');
  const config = loadSettings({ ...flags, ...(only === undefined ? {} : { only }) }).values;
  const rotations = serversToRotate(flags, config).map((server) => newPair(server, flags, config));
  for (const rotation of rotations) replace(rotation, passwordFileOf(config, rotation.server) !== null);
}

/** A server that was never made has nothing to rotate, where there is a relay. */
function serversToRotate(flags: Flags, config: PolyplexConfig): readonly ServerName[] {
  const on = serversOf(config);
  if (on.length === 1) return on;
  const isThere = (name: ServerName): boolean =>
    findIdentity(SETUPS[name].folder(configFolder(flags))).state !== 'none' || existsSync(SETUPS[name].identity(config).certificateFile);
  return on.filter((name) => name === 'smp' || isThere(name));
}

/** The present pair says only what is to stay as it was: it may be expired, damaged or missing. */
function newPair(server: ServerName, flags: Flags, config: PolyplexConfig): Rotation {
  const setup = SETUPS[server];
  const identity = setup.identity(config);
  const ca = readCa(flags.caKey ?? join(setup.folder(configFolder(flags)), FILES.caKey), identity);
  const algorithm = flags.algorithm ?? presentAlgorithm(identity.keyFile) ?? 'ed25519';
  const leaf = issue({ ca, algorithm, commonName: commonNameOf(setup.hosts(config)) });
  const chain = leaf.certificate + ca.certificate;
  // What was made is read as the server will read it, before anything is replaced.
  readCredentials({ certificatePem: chain, keyPem: leaf.key });
  return { server, identity, ca, key: leaf.key, certificate: identity.caCertificateFile === null ? chain : leaf.certificate };
}

function replace({ server, identity, ca, ...made }: Rotation, hasPassword: boolean): void {
  const noun = NOUNS[server];
  replaceFiles(identity, made);
  if (!ca.isKnown) writeNewPrivateFile(fingerprintFile(identity.certificateFile), `${toBase64Url(ca.fingerprint)}\n`);
  process.stdout.write(`A new online key and certificate of the ${noun} are in ${dirname(identity.certificateFile)}; ${ca.isKnown
    ? 'the address stays the same.'
    : `nothing here told the address before.\nCompare it with the one your users have: it begins with ${server}://${toBase64Url(ca.fingerprint)}`}
Former ones are kept as *.old. A running ${noun} takes the new ones on SIGHUP or at its next start.\n`);
  if (!ca.isKnown && !hasPassword) {
    process.stdout.write(`No password is set here. If the ${noun} had one, bring back polyplex.yaml and the password before it starts.\n`);
  }
}

/** Null where there is no key that could be read. */
function presentAlgorithm(keyFile: string): 'ed25519' | 'ed448' | null {
  try {
    const kind = createPrivateKey(readFileSync(keyFile)).asymmetricKeyType;
    return kind === 'ed25519' || kind === 'ed448' ? kind : null;
  } catch {
    return null;
  }
}

function issue(options: Parameters<typeof issueServerCertificate>[0]): ReturnType<typeof issueServerCertificate> {
  try {
    return issueServerCertificate(options);
  } catch (error) {
    throw new CliError('FILES', `no certificate can be made with this CA key: ${errorText(error)}`, { cause: error });
  }
}

/** A server that starts between the two steps refuses a key that does not belong to its certificate; a repetition heals it. */
function replaceFiles({ keyFile, certificateFile }: IdentityFiles, made: { readonly key: string; readonly certificate: string }): void {
  for (const file of [keyFile, certificateFile]) {
    if (existsSync(file)) replacePrivateFile(`${file}.old`, readText(file), file);
  }
  replacePrivateFile(keyFile, made.key);
  replacePrivateFile(certificateFile, made.certificate);
}

const HELP = `
Heals online pairs that are expired, damaged, missing or mixed up. The CA certificate is ca.crt beside the CA key. Without
options, all servers get new pairs, and all CA keys must be there.

Examples:
  polyplex cert rotate --ca-key /media/safe/ca.key && kill -HUP <process id>
  polyplex cert rotate --only xftp --ca-key /media/safe/xftp/ca.key`;

export function certCommand(): Command {
  const rotateCommand = withOnlyOption(withConfigOptions(new Command('rotate')), 'the pair of one server alone')
    .description('make new online keys and certificates, signed by the CA keys, in place of the present ones')
    .option('--ca-key <file>', 'CA key, of the relay unless --only says which (default: ca/ca.key in the folder of the identity)')
    .addOption(new Option('-a, --algorithm <name>', 'of the new keys (default: as before, else ed25519)').choices(['ed25519', 'ed448']))
    .addHelpText('after', HELP)
    .action(rotate);
  return new Command('cert').description('manage the online certificates').addCommand(rotateCommand).addHelpText('after', HELP);
}
