/** All files that the configuration names, read and checked together: a start and `polyplex config check` ask the same. */
import { ConfigError, readSecret } from '@polyplex/config';
import { isServerPassword } from '@polyplex/protocol-common';
import type { ListenerCredentials } from '@polyplex/transport-tls';
import { allOf } from './all-of.ts';
import type { SmpConfig } from './config/smp-config.ts';
import { readIdentity, readWebCredentials } from './identity.ts';

export interface NodeFiles {
  /** SHA-256 of the CA certificate. */
  readonly fingerprint: Uint8Array;
  readonly credentials: ListenerCredentials;
  /** Required of NEW and PRXY; null for none. */
  readonly password: string | null;
  /** Of the admin port; null for none. */
  readonly adminToken: string | null;
  /** Of the SOCKS proxy; null for none. */
  readonly socksPassword: string | null;
}

/** Throws `NodeError` IDENTITY or `ConfigError` with all that is wrong; no message quotes a secret. */
export function readNodeFiles(config: SmpConfig): NodeFiles {
  const { identity, web, ...secrets } = allOf({
    identity: () => readIdentity(config.identity),
    web: () => readWebCredentials(config.listen),
    password: () => readServerPassword(config.access),
    adminToken: () => secretOf('admin.tokenFile', config.admin.tokenFile),
    socksPassword: () => secretOf('proxy.socksPasswordFile', config.proxy.socksPasswordFile),
  });
  const credentials = { smp: identity.credentials, ...(web === null ? {} : { web }) };
  return { fingerprint: identity.fingerprint, credentials, ...secrets };
}

/** The password of the relay; null for none. Throws `ConfigError` when no client could send it. */
export function readServerPassword({ passwordFile }: SmpConfig['access']): string | null {
  const password = secretOf('access.passwordFile', passwordFile);
  if (password !== null && !isServerPassword(password)) {
    const message = `the password in ${String(passwordFile)} may have printable characters except space, @, : and / only`;
    throw new ConfigError([{ setting: 'access.passwordFile', message, source: null }]);
  }
  return password;
}

function secretOf(setting: string, path: string | null): string | null {
  return path === null ? null : readSecret(setting, path);
}
