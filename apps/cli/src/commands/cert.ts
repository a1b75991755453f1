/** `polyplex cert`: the relay's online certificate. The identity, and with it the address, stays as it is. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { equalBytes, errorText } from '@polyplex/base';
import { fingerprintOf } from '@polyplex/crypto';
import { issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { Command, Option } from 'commander';
import { readIdentity, type SmpConfig } from 'smp-server';
import { configFolder, type ConfigFlags, loadSmpConfig, withConfigOptions } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import { commonNameOf, FILES } from '../setup/initialise.ts';
import { replacePrivateFile } from '../setup/private-files.ts';

interface Flags extends ConfigFlags {
  readonly caKey?: string;
  readonly algorithm?: 'ed25519' | 'ed448';
}

function rotate(flags: Flags): void {
  const { values } = loadSmpConfig(flags);
  const present = readIdentity(values.identity);
  const algorithm = flags.algorithm ?? present.credentials.privateKey.kind;
  const ca = readCa(flags.caKey ?? join(configFolder(flags), FILES.caKey), present.credentials.chain);
  const leaf = issue({ ca, algorithm, commonName: commonNameOf(values.address.hosts) });
  const chain = leaf.certificate + ca.certificate;
  const fingerprint = fingerprintOf(readCredentials({ certificatePem: chain, keyPem: leaf.key }).chain);
  if (fingerprint === null || !equalBytes(fingerprint, present.fingerprint)) {
    throw new CliError('FAILED', 'the new certificate does not belong to the present identity; nothing was changed');
  }
  replaceFiles(values.identity, { key: leaf.key, certificate: values.identity.caCertificateFile === null ? chain : leaf.certificate });
  process.stdout.write(`A new online key and certificate are in ${dirname(values.identity.certificateFile)}; the address stays the same.
The former ones are kept as *.old. A running relay takes the new ones on SIGHUP or at its next start.\n`);
}

/** The CA certificate is the present chain's second: its key must belong to it. */
function readCa(keyFile: string, chain: readonly Uint8Array[]): { readonly key: string; readonly certificate: string } {
  if (!existsSync(keyFile)) {
    throw new CliError('FILES', `the CA key is not in ${keyFile}: bring it back from its safe place and name it with --ca-key`);
  }
  const certificate = chain[1];
  if (certificate === undefined) throw new CliError('FILES', 'the present certificate has no CA certificate with it');
  return { key: readFileSync(keyFile, 'utf8'), certificate: new X509Certificate(certificate).toString() };
}

function issue(options: Parameters<typeof issueServerCertificate>[0]): ReturnType<typeof issueServerCertificate> {
  try {
    return issueServerCertificate(options);
  } catch (error) {
    throw new CliError('FILES', `no certificate can be made with this CA key: ${errorText(error)}`, { cause: error });
  }
}

/** A relay that starts between the two steps refuses a key that does not belong to its certificate. */
function replaceFiles({ keyFile, certificateFile }: SmpConfig['identity'], made: { readonly key: string; readonly certificate: string }): void {
  for (const file of [keyFile, certificateFile]) replacePrivateFile(`${file}.old`, readFileSync(file, 'utf8'));
  replacePrivateFile(keyFile, made.key);
  replacePrivateFile(certificateFile, made.certificate);
}

const HELP = `
Example:
  polyplex cert rotate --ca-key /media/safe/ca.key && kill -HUP <process id>`;

export function certCommand(): Command {
  const rotateCommand = withConfigOptions(new Command('rotate'))
    .description('make a new online key and certificate, signed by the CA key')
    .option('--ca-key <file>', 'CA key (default: ca/ca.key in the configuration folder)')
    .addOption(new Option('-a, --algorithm <name>', 'of the new key (default: as before)').choices(['ed25519', 'ed448']))
    .addHelpText('after', HELP)
    .action(rotate);
  return new Command('cert').description('manage the online certificate').addCommand(rotateCommand).addHelpText('after', HELP);
}
