/** All files that the configuration names, read and checked together: a start and `polyplex config check` ask the same. */
import { adminTokensOf, allOf, readIdentity, readRedisSecrets, readWebCredentials, type RedisSecrets, secretOf, serverPasswordOf } from '@polyplex/node';
import type { ListenerCredentials } from '@polyplex/transport-tls';
import type { SmpConfig } from './config/smp-config.ts';

export interface NodeFiles extends RedisSecrets {
  /** SHA-256 of the CA certificate. */
  readonly fingerprint: Uint8Array;
  readonly credentials: ListenerCredentials;
  /** Required of NEW and PRXY; null for none. */
  readonly password: string | null;
  /** Of the admin port; null for none. */
  readonly adminTokens: ReturnType<typeof adminTokensOf>;
  /** Of the SOCKS proxy; null for none. */
  readonly socksPassword: string | null;
}

/** Throws `NodeError` IDENTITY or `ConfigError` with all that is wrong; no message quotes a secret. */
export function readNodeFiles(config: SmpConfig): NodeFiles {
  const { identity, web, store, ...secrets } = allOf({
    identity: () => readIdentity(config.identity),
    web: () => readWebCredentials(config.listen),
    password: () => readServerPassword(config.access),
    adminTokens: () => adminTokensOf('admin', config.admin),
    socksPassword: () => secretOf('proxy.socksPasswordFile', config.proxy.socksPasswordFile),
    store: () => readRedisSecrets(config.redis),
  });
  const credentials = { smp: identity.credentials, ...(web === null ? {} : { web }) };
  return { fingerprint: identity.fingerprint, credentials, ...secrets, ...store };
}

/** The password of the relay; null for none. Throws `ConfigError` when no client could send it. */
export function readServerPassword({ passwordFile }: SmpConfig['access']): string | null {
  return serverPasswordOf('access.passwordFile', passwordFile);
}
