/** All files that the configuration names, read and checked together: a start and `polyplex config check` ask the same. */
import { X509Certificate } from 'node:crypto';
import { errorText } from '@polyplex/base';
import { ConfigError } from '@polyplex/config';
import { adminTokensOf, allOf, type Identity, readIdentity, readRedisSecrets, type RedisSecrets, secretOf, textOf } from '@polyplex/node';
import type { ApnsKey, VapidKey } from '@polyplex/push';
import { publicRoots, type PublicRoots } from '@polyplex/transport-tls';
import type { NtfConfig } from './config/ntf-config.ts';
import { readApnsKey, readVapidKey } from './push-keys.ts';

/** What push services are asked with. */
export interface PushFiles {
  /** Null for no pushes to Apple's devices. */
  readonly apnsKey: ApnsKey | null;
  readonly apnsRoots: PublicRoots;
  /** Null for no Web Push. */
  readonly vapidKey: VapidKey | null;
  readonly webPushRoots: PublicRoots;
}

/** What relays are connected to with. */
export interface RelayFiles {
  /** Of the SOCKS proxy; null for none. */
  readonly socksPassword: string | null;
  /** Of which certificates of our service are made; null for none. */
  readonly serviceSecret: string | null;
}

export interface PushProxyFiles extends RedisSecrets {
  readonly identity: Identity;
  /** Of the admin port; null for none. */
  readonly adminTokens: ReturnType<typeof adminTokensOf>;
  readonly relays: RelayFiles;
  readonly push: PushFiles;
}

/** Throws `NodeError` IDENTITY or `ConfigError` with all that is wrong; no message quotes a secret. */
export function readPushProxyFiles(config: NtfConfig): PushProxyFiles {
  const { store, ...files } = allOf({
    identity: () => readIdentity(config.ntfIdentity, 'ntfIdentity'),
    adminTokens: () => adminTokensOf('ntfAdmin', config.ntfAdmin),
    relays: () => readRelayFiles(config),
    push: () => readPushFiles(config),
    store: () => readStoreSecrets(config),
  });
  return { ...files, ...store };
}

function readPushFiles(config: NtfConfig): PushFiles {
  return allOf({
    apnsKey: () => readApnsKey(config),
    apnsRoots: () => rootsOf('ntfApns.caFile', config.ntfApns.caFile),
    vapidKey: () => readVapidKey(config),
    webPushRoots: () => rootsOf('ntfWebPush.caFile', config.ntfWebPush.caFile),
  });
}

function readRelayFiles({ ntfRelays: { socksPasswordFile, serviceCertificates, serviceKeyFile } }: NtfConfig): RelayFiles {
  return allOf({
    socksPassword: () => secretOf('ntfRelays.socksPasswordFile', socksPasswordFile),
    serviceSecret: () => (serviceCertificates ? secretOf('ntfRelays.serviceKeyFile', serviceKeyFile) : null),
  });
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function rootsOf(setting: string, path: string | null): PublicRoots {
  const pem = textOf(setting, path);
  try {
    // OpenSSL passes over what it cannot read, and every push service would then be distrusted without a word.
    for (const certificate of pem === null ? [] : (pem.match(CERTIFICATES) ?? [pem])) new X509Certificate(certificate);
    return publicRoots(pem);
  } catch (error) {
    throw new ConfigError([{ setting, message: `${String(path)}: ${errorText(error)}`, source: null }]);
  }
}

/** What the store alone needs; the embedded engine needs none. Throws `ConfigError` with all that is wrong. */
function readStoreSecrets({ ntfStorage, redis }: NtfConfig): RedisSecrets {
  return ntfStorage.engine === 'redis' ? readRedisSecrets(redis) : { redisPassword: null, redisCa: null };
}
