/**
 * `polyplex start` on a machine where nothing is, or settings alone: a relay is made from what file, environment and
 * flags say.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SmpConfig } from 'smp-server';
import { FILES, hasIdentity, initialise, type NewRelay } from './initialise.ts';
import { randomPassword } from './password.ts';

/** Whether the relay's identity is to be in the configuration folder, and is not there. */
export function lacksIdentity(configDir: string, identity: SmpConfig['identity']): boolean {
  return isOwnIdentity(configDir, identity) && !hasIdentity(configDir);
}

/** Whether settings name the identity that `initialise` makes; one that lies elsewhere is others' to make. */
export function isOwnIdentity(configDir: string, { certificateFile, keyFile, caCertificateFile }: SmpConfig['identity']): boolean {
  const [certificate, key] = [FILES.certificate, FILES.key].map((name) => join(configDir, name));
  return certificateFile === certificate && keyFile === key && caCertificateFile === null;
}

/** What a relay with these settings is made of; with a password of its own unless its file says that it has none. */
export function relayOf(configDir: string, { address, storage, access }: SmpConfig): NewRelay {
  const withoutPassword = access.passwordFile === null && existsSync(join(configDir, FILES.config));
  return {
    configDir,
    dataDir: storage.dataDir,
    hosts: address.hosts,
    port: 5223,
    password: withoutPassword ? null : randomPassword(),
    passwordFile: access.passwordFile ?? join(configDir, FILES.password),
    algorithm: 'ed25519',
  };
}

/** Makes the relay; throws `CliError` FILES where that would be a second identity. */
export function initialiseForStart(configDir: string, config: SmpConfig): void {
  initialise(relayOf(configDir, config));
}
