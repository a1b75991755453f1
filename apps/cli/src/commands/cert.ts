/** `polyplex cert`: the relay's online certificate. The identity, and with it the address, stays as it is. */
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorText, toBase64Url } from '@polyplex/base';
import { issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { Command, Option } from 'commander';
import { fingerprintFile, type SmpConfig } from 'smp-server';
import { configFolder, type ConfigFlags, loadSmpConfig, withConfigOptions } from '../config-options.ts';
import { readText } from '../read-text.ts';
import { CliError } from '../report-failure.ts';
import { readCa } from '../setup/ca-files.ts';
import { commonNameOf, FILES } from '../setup/initialise.ts';
import { replacePrivateFile, writeNewPrivateFile } from '../setup/private-files.ts';

interface Flags extends ConfigFlags {
  readonly caKey?: string;
  readonly algorithm?: 'ed25519' | 'ed448';
}

/** The present pair says only what is to stay as it was: it may be expired, damaged or missing. */
function rotate(flags: Flags): void {
  const { identity, address, access } = loadSmpConfig(flags).values;
  const ca = readCa(flags.caKey ?? join(configFolder(flags), FILES.caKey), identity);
  const algorithm = flags.algorithm ?? presentAlgorithm(identity.keyFile) ?? 'ed25519';
  const leaf = issue({ ca, algorithm, commonName: commonNameOf(address.hosts) });
  const chain = leaf.certificate + ca.certificate;
  // What was made is read as the relay will read it, before anything is replaced.
  readCredentials({ certificatePem: chain, keyPem: leaf.key });
  replaceFiles(identity, { key: leaf.key, certificate: identity.caCertificateFile === null ? chain : leaf.certificate });
  if (!ca.isKnown) writeNewPrivateFile(fingerprintFile(identity.certificateFile), `${toBase64Url(ca.fingerprint)}\n`);
  process.stdout.write(`A new online key and certificate are in ${dirname(identity.certificateFile)}; ${ca.isKnown
    ? 'the address stays the same.'
    : `nothing here told the address before.\nCompare it with the one your users have: it begins with smp://${toBase64Url(ca.fingerprint)}`}
Former ones are kept as *.old. A running relay takes the new ones on SIGHUP or at its next start.\n`);
  if (!ca.isKnown && access.passwordFile === null) {
    process.stdout.write('No password is set here. If the relay had one, bring back polyplex.yaml and the password before it starts.\n');
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

/** A relay that starts between the two steps refuses a key that does not belong to its certificate; a repetition heals it. */
function replaceFiles({ keyFile, certificateFile }: SmpConfig['identity'], made: { readonly key: string; readonly certificate: string }): void {
  for (const file of [keyFile, certificateFile]) {
    if (existsSync(file)) replacePrivateFile(`${file}.old`, readText(file), file);
  }
  replacePrivateFile(keyFile, made.key);
  replacePrivateFile(certificateFile, made.certificate);
}

const HELP = `
Heals an online pair that is expired, damaged, missing or mixed up. The CA certificate is ca.crt beside the CA key.

Example:
  polyplex cert rotate --ca-key /media/safe/ca.key && kill -HUP <process id>`;

export function certCommand(): Command {
  const rotateCommand = withConfigOptions(new Command('rotate'))
    .description('make a new online key and certificate, signed by the CA key, in place of the present ones')
    .option('--ca-key <file>', 'CA key (default: ca/ca.key in the configuration folder)')
    .addOption(new Option('-a, --algorithm <name>', 'of the new key (default: as before, else ed25519)').choices(['ed25519', 'ed448']))
    .addHelpText('after', HELP)
    .action(rotate);
  return new Command('cert').description('manage the online certificate').addCommand(rotateCommand).addHelpText('after', HELP);
}
