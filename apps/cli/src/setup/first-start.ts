/** `polyplex start` on a machine where nothing is: a relay is made from what the environment and flags say. */
import { existsSync } from 'node:fs';
import type { SmpConfig } from 'smp-server';
import { existingFiles, initialise } from './initialise.ts';
import { randomPassword } from './password.ts';

/** Whether there is no trace of a relay, neither in the configuration folder nor where settings say that it is. */
export function isFirstStart(configDir: string, { identity }: SmpConfig): boolean {
  const elsewhere = existsSync(identity.certificateFile) || existsSync(identity.keyFile);
  return !elsewhere && existingFiles(configDir).length === 0;
}

/** Makes the relay; a password of its own only where none is configured. */
export function initialiseForStart(configDir: string, { address, storage, access }: SmpConfig): void {
  initialise({
    configDir,
    dataDir: storage.dataDir,
    hosts: address.hosts,
    port: 5223,
    password: access.passwordFile === null ? randomPassword() : null,
    algorithm: 'ed25519',
  });
}
