/**
 * The configuration of a push proxy: its own sections, those that it shares with other servers of the same configuration,
 * and what must hold between settings.
 */
import { configSchema, type ValuesOf } from '@polyplex/config';
import { address, backup, hasRepeats, information, isLoopback, log, problemsOf, redis, redisRules, type Rule, shutdown, statistics, storage } from '@polyplex/node';
import { ntfAddress, ntfAdmin, ntfIdentity, ntfListen } from './network-sections.ts';
import { ntfApns, ntfPushes, ntfWebPush } from './push-sections.ts';
import { ntfRelays } from './relay-section.ts';
import { ntfAccess, ntfInactiveClients, ntfLimits } from './service-sections.ts';
import { ntfStorage } from './storage-section.ts';

/** In the order of the reference. */
export const ntfSections = {
  address, storage, redis, ntfAddress, ntfStorage, ntfIdentity, ntfListen, ntfAccess, ntfApns, ntfWebPush, ntfPushes, ntfRelays, ntfLimits, ntfInactiveClients, ntfAdmin,
  statistics, backup, log, shutdown, information,
};

export type NtfConfig = ValuesOf<typeof ntfSections>;

function usesRedis({ ntfStorage }: Pick<NtfConfig, 'ntfStorage'>): boolean {
  return ntfStorage.engine === 'redis';
}

/** What Apple's key is of no use without. */
function neededByKey(setting: 'keyId' | 'teamId' | 'topic'): Rule<NtfConfig> {
  return { broken: ({ ntfApns }) => ntfApns.keyFile !== null && ntfApns[setting] === null, setting: `ntfApns.${setting}`, message: 'is required because there is an ntfApns.keyFile' };
}

/** What must hold between settings of a push proxy. */
export const ntfRules: readonly Rule<NtfConfig>[] = [
  ...redisRules<NtfConfig>({ setting: 'ntfStorage.engine', value: 'redis', isUsed: usesRedis }),
  {
    broken: (config) => usesRedis(config) && config.ntfStorage.redisPrefix === config.redis.prefix,
    setting: 'ntfStorage.redisPrefix', message: 'must differ from redis.prefix, or keys of relay and push proxy would be taken for each other',
  },
  neededByKey('keyId'),
  neededByKey('teamId'),
  neededByKey('topic'),
  {
    broken: ({ ntfApns: { keyFile, testHost } }) => testHost !== null && keyFile === null,
    setting: 'ntfApns.testHost', message: 'needs ntfApns.keyFile: test servers are given tokens, too',
  },
  {
    broken: ({ address: { hosts }, ntfAddress }) => hosts.length === 0 && ntfAddress.hosts.length === 0,
    setting: 'address.hosts', message: 'must name at least one host',
  },
  {
    broken: ({ ntfListen: { ports } }) => ports.length === 0,
    setting: 'ntfListen.ports', message: 'must name a port',
  },
  {
    broken: ({ ntfListen: { ports }, ntfAdmin: { port } }) => hasRepeats([...ports, port]),
    setting: 'ntfListen.ports', message: 'no port may be used twice among ntfListen.ports and ntfAdmin.port',
  },
  {
    broken: ({ ntfListen: { proxyProtocol, trustedProxies } }) => proxyProtocol && trustedProxies.length === 0,
    setting: 'ntfListen.proxyProtocol', message: 'needs ntfListen.trustedProxies',
  },
  {
    broken: ({ ntfAdmin: { host, tokenFile } }) => !isLoopback(host) && tokenFile === null,
    setting: 'ntfAdmin.tokenFile', message: 'is required because ntfAdmin.host is not a loopback address',
  },
  {
    broken: ({ ntfAdmin: { tokenFile, readerTokenFile } }) => readerTokenFile !== null && tokenFile === null,
    setting: 'ntfAdmin.readerTokenFile', message: 'needs ntfAdmin.tokenFile: without it, everybody on this machine may do everything',
  },
  {
    broken: ({ ntfRelays: { hostMode, requiredHostMode, socksProxy } }) => hostMode === 'onion' && requiredHostMode && socksProxy === null,
    setting: 'ntfRelays.socksProxy', message: 'is required to reach only onion hosts (ntfRelays.hostMode, ntfRelays.requiredHostMode)',
  },
  {
    broken: ({ ntfRelays: { socksUser, socksPasswordFile } }) => (socksUser === null) !== (socksPasswordFile === null),
    setting: 'ntfRelays.socksUser', message: 'goes together with ntfRelays.socksPasswordFile: give both or none',
  },
];

/** A push proxy alone. */
export const ntfConfig = configSchema({ title: 'Configuration of the NTF push proxy', sections: ntfSections, rules: (config) => problemsOf(ntfRules, config) });
