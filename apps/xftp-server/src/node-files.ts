/** All files that the configuration names, read and checked together: a start and `polyplex config check` ask the same. */
import { adminTokensOf, allOf, readIdentity, readRedisSecrets, readWebCredentials, type RedisSecrets, secretOf, serverPasswordOf } from '@polyplex/node';
import type { HttpCredentials } from '@polyplex/transport-http2';
import type { XftpConfig } from './config/xftp-config.ts';

export interface StoreSecrets extends RedisSecrets {
  /** Of the S3 access key; null for none. */
  readonly s3Secret: string | null;
}

export interface FileServerFiles extends StoreSecrets {
  /** SHA-256 of the CA certificate. */
  readonly fingerprint: Uint8Array;
  readonly credentials: HttpCredentials;
  /** Required of FNEW; null for none. */
  readonly password: string | null;
  /** Of the admin port; null for none. */
  readonly adminTokens: ReturnType<typeof adminTokensOf>;
}

/** Throws `NodeError` IDENTITY or `ConfigError` with all that is wrong; no message quotes a secret. */
export function readFileServerFiles(config: XftpConfig): FileServerFiles {
  const { identity, web, store, ...secrets } = allOf({
    identity: () => readIdentity(config.xftpIdentity, 'xftpIdentity'),
    web: () => readWebCredentials(config.xftpListen, 'xftpListen'),
    password: () => readFilePassword(config),
    adminTokens: () => adminTokensOf('xftpAdmin', config.xftpAdmin),
    store: () => readStoreSecrets(config),
  });
  const credentials = { xftp: identity.credentials, ...(web === null ? {} : { web }) };
  return { fingerprint: identity.fingerprint, credentials, ...secrets, ...store };
}

/** What the stores alone need; the embedded engine needs none. Throws `ConfigError` with all that is wrong. */
export function readStoreSecrets({ xftpStorage, redis, s3 }: XftpConfig): StoreSecrets {
  if (xftpStorage.engine === 'embedded') return { redisPassword: null, redisCa: null, s3Secret: null };
  const { ofRedis, s3Secret } = allOf({
    ofRedis: () => readRedisSecrets(redis),
    s3Secret: () => secretOf('s3.secretAccessKeyFile', s3.secretAccessKeyFile),
  });
  return { ...ofRedis, s3Secret };
}

/** The file of the password for creating files, and the setting that names it; null where anybody may create some. */
export function filePasswordFile({ xftpAccess, access }: XftpConfig): { readonly setting: string; readonly path: string } | null {
  if (xftpAccess.open) return null;
  if (xftpAccess.passwordFile !== null) return { setting: 'xftpAccess.passwordFile', path: xftpAccess.passwordFile };
  return access.passwordFile === null ? null : { setting: 'access.passwordFile', path: access.passwordFile };
}

/** The password of the file server; null for none. Throws `ConfigError` when no client could send it. */
export function readFilePassword(config: XftpConfig): string | null {
  const file = filePasswordFile(config);
  return file === null ? null : serverPasswordOf(file.setting, file.path);
}
