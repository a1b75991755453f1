/** The whole configuration of an SMP relay: its sections, and what must hold between settings. */
import { configSchema, type ValuesOf } from '@polyplex/config';
import { address, backup, hasRepeats, information, informationRule, isLoopback, log, problemsOf, redis, redisRules, type Rule, shutdown, statistics, storage } from '@polyplex/node';
import { identity, listen } from './network-sections.ts';
import { admin } from './operation-sections.ts';
import { proxy } from './proxy-section.ts';
import { access, inactiveClients, limits, messages, notifications } from './service-sections.ts';

/** In the order of the reference. */
export const smpSections = {
  address, storage, redis, identity, listen, access, limits, messages, notifications, inactiveClients, proxy, admin, log, statistics, backup, shutdown, information,
};

export type SmpConfig = ValuesOf<typeof smpSections>;

/** What must hold between settings of a relay. */
export const smpRules: readonly Rule<SmpConfig>[] = [
  ...redisRules<SmpConfig>({ setting: 'storage.engine', value: 'redis', isUsed: ({ storage }) => storage.engine === 'redis' }),
  {
    broken: ({ address: { hosts } }) => hosts.length === 0,
    setting: 'address.hosts', message: 'must name at least one host',
  },
  {
    broken: ({ listen: { ports, sharedPort } }) => ports.length === 0 && sharedPort === null,
    setting: 'listen.ports', message: 'must name a port when there is no listen.sharedPort',
  },
  {
    broken: ({ listen: { ports, sharedPort, webSocketPort }, admin: { port } }) => hasRepeats([...ports, sharedPort, webSocketPort, port]),
    setting: 'listen.ports', message: 'no port may be used twice among listen.ports, listen.sharedPort, listen.webSocketPort and admin.port',
  },
  {
    broken: ({ listen: { webCertificateFile, webKeyFile } }) => (webCertificateFile === null) !== (webKeyFile === null),
    setting: 'listen.webCertificateFile', message: 'goes together with listen.webKeyFile: give both or none',
  },
  {
    broken: ({ listen: { webCertificateFile, webKeyFile, sharedPort } }) => webCertificateFile !== null && webKeyFile !== null && sharedPort === null,
    setting: 'listen.webCertificateFile', message: 'needs listen.sharedPort, the port that serves pages',
  },
  {
    broken: ({ listen: { webSockets, sharedPort } }) => webSockets && sharedPort === null,
    setting: 'listen.webSockets', message: 'needs listen.sharedPort',
  },
  {
    broken: ({ listen: { proxyProtocol, trustedProxies } }) => proxyProtocol && trustedProxies.length === 0,
    setting: 'listen.proxyProtocol', message: 'needs listen.trustedProxies',
  },
  {
    broken: ({ admin: { host, tokenFile } }) => !isLoopback(host) && tokenFile === null,
    setting: 'admin.tokenFile', message: 'is required because admin.host is not a loopback address',
  },
  {
    broken: ({ admin: { tokenFile, readerTokenFile } }) => readerTokenFile !== null && tokenFile === null,
    setting: 'admin.readerTokenFile', message: 'needs admin.tokenFile: without it, everybody on this machine may do everything',
  },
  {
    broken: ({ proxy: { hostMode, requiredHostMode, socksProxy } }) => hostMode === 'onion' && requiredHostMode && socksProxy === null,
    setting: 'proxy.socksProxy', message: 'is required to reach only onion hosts (proxy.hostMode, proxy.requiredHostMode)',
  },
  {
    broken: ({ proxy: { socksUser, socksPasswordFile } }) => (socksUser === null) !== (socksPasswordFile === null),
    setting: 'proxy.socksUser', message: 'goes together with proxy.socksPasswordFile: give both or none',
  },
  informationRule,
];

/** A relay alone. */
export const smpConfig = configSchema({ title: 'Configuration of the SMP relay', sections: smpSections, rules: (config) => problemsOf(smpRules, config) });
