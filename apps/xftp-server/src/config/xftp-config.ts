/**
 * The configuration of a file server: its own sections, those that it shares with a relay of the same configuration, and
 * what must hold between settings.
 */
import { configSchema, type ValuesOf } from '@polyplex/config';
import { address, backup, hasRepeats, information, informationRule, isLoopback, log, problemsOf, redis, redisRules, type Rule, shutdown, statistics, storage } from '@polyplex/node';
import { xftpAddress, xftpAdmin, xftpIdentity, xftpListen } from './network-sections.ts';
import { xftpAccess, xftpFiles, xftpInactiveClients, xftpLimits } from './service-sections.ts';
import { s3, xftpStorage } from './storage-sections.ts';

/** In the order of the reference. */
export const xftpSections = {
  address, storage, redis, xftpAddress, xftpStorage, s3, xftpIdentity, xftpListen, xftpAccess, xftpFiles, xftpLimits, xftpInactiveClients, xftpAdmin,
  statistics, backup, log, shutdown, information,
};

/** `access.passwordFile` is the relay's, for a file server without a password of its own. */
export type XftpConfig = ValuesOf<typeof xftpSections> & { readonly access: { readonly passwordFile: string | null } };

function usesNetwork({ xftpStorage }: Pick<XftpConfig, 'xftpStorage'>): boolean {
  return xftpStorage.engine === 'redis-s3';
}

function needed(setting: 'bucket' | 'accessKeyId' | 'secretAccessKeyFile'): Rule<XftpConfig> {
  return {
    broken: (config) => usesNetwork(config) && config.s3[setting] === null,
    setting: `s3.${setting}`, message: 'is required because xftpStorage.engine is redis-s3',
  };
}

/** What must hold between settings of a file server. */
export const xftpRules: readonly Rule<XftpConfig>[] = [
  ...redisRules<XftpConfig>({ setting: 'xftpStorage.engine', value: 'redis-s3', isUsed: usesNetwork }),
  needed('bucket'),
  needed('accessKeyId'),
  needed('secretAccessKeyFile'),
  {
    broken: (config) => usesNetwork(config) && config.xftpStorage.redisPrefix === config.redis.prefix,
    setting: 'xftpStorage.redisPrefix', message: 'must differ from redis.prefix, or keys of relay and file server would be taken for each other',
  },
  {
    broken: ({ address: { hosts }, xftpAddress }) => hosts.length === 0 && xftpAddress.hosts.length === 0,
    setting: 'address.hosts', message: 'must name at least one host',
  },
  {
    broken: ({ xftpListen: { ports } }) => ports.length === 0,
    setting: 'xftpListen.ports', message: 'must name a port',
  },
  {
    broken: ({ xftpListen: { ports }, xftpAdmin: { port } }) => hasRepeats([...ports, port]),
    setting: 'xftpListen.ports', message: 'no port may be used twice among xftpListen.ports and xftpAdmin.port',
  },
  {
    broken: ({ xftpListen: { webCertificateFile, webKeyFile } }) => (webCertificateFile === null) !== (webKeyFile === null),
    setting: 'xftpListen.webCertificateFile', message: 'goes together with xftpListen.webKeyFile: give both or none',
  },
  {
    broken: ({ xftpListen: { proxyProtocol, trustedProxies } }) => proxyProtocol && trustedProxies.length === 0,
    setting: 'xftpListen.proxyProtocol', message: 'needs xftpListen.trustedProxies',
  },
  {
    broken: ({ xftpAdmin: { host, tokenFile } }) => !isLoopback(host) && tokenFile === null,
    setting: 'xftpAdmin.tokenFile', message: 'is required because xftpAdmin.host is not a loopback address',
  },
  {
    broken: ({ xftpAdmin: { tokenFile, readerTokenFile } }) => readerTokenFile !== null && tokenFile === null,
    setting: 'xftpAdmin.readerTokenFile', message: 'needs xftpAdmin.tokenFile: without it, everybody on this machine may do everything',
  },
  informationRule,
];

/** A file server alone. */
export const xftpConfig = configSchema({
  title: 'Configuration of the XFTP file server',
  sections: xftpSections,
  rules: (config) => problemsOf(xftpRules, { ...config, access: { passwordFile: null } }),
});
