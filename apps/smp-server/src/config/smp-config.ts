/** The whole configuration of an SMP relay: its sections, and what must hold between settings. */
import { configSchema, type Problem, type ValuesOf } from '@polyplex/config';
import { address, identity, listen, storage } from './network-sections.ts';
import { admin, information, log, shutdown } from './operation-sections.ts';
import { proxy } from './proxy-section.ts';
import { access, inactiveClients, limits, messages, notifications } from './service-sections.ts';

const sections = {
  address, storage, identity, listen, access, limits, messages, notifications, inactiveClients, proxy, admin, log, shutdown, information,
};

export type SmpConfig = ValuesOf<typeof sections>;

export const smpConfig = configSchema({ title: 'Configuration of the SMP relay', sections, rules });

/** Whether an address of the admin port can be reached from this machine alone. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

interface Rule {
  readonly broken: (config: SmpConfig) => boolean;
  readonly setting: string;
  readonly message: string;
}

const RULES: readonly Rule[] = [
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
    broken: ({ proxy: { hostMode, requiredHostMode, socksProxy } }) => hostMode === 'onion' && requiredHostMode && socksProxy === null,
    setting: 'proxy.socksProxy', message: 'is required to reach only onion hosts (proxy.hostMode, proxy.requiredHostMode)',
  },
  {
    broken: ({ proxy: { socksUser, socksPasswordFile } }) => (socksUser === null) !== (socksPasswordFile === null),
    setting: 'proxy.socksUser', message: 'goes together with proxy.socksPasswordFile: give both or none',
  },
  {
    broken: ({ information }) => information.sourceCode === null && Object.values(information).some((value) => value !== null),
    setting: 'information.sourceCode', message: 'is required when anything else of this section is given',
  },
];

function rules(config: SmpConfig): Problem[] {
  return RULES.filter(({ broken }) => broken(config)).map(({ setting, message }) => ({ setting, message, source: null }));
}

/** Port 0 may occur often: each is another free port. */
function hasRepeats(ports: readonly (number | null)[]): boolean {
  const fixed = ports.filter((each) => each !== null && each !== 0);
  return new Set(fixed).size < fixed.length;
}
