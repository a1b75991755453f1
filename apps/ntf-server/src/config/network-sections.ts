/** What the push proxy is called, where it listens and how it proves its identity (NTF §1.1, §6.6 TRANSPORT). */
import { optionalPort, portList, section, textList } from '@polyplex/config';
import { adminSection, identitySection, listenSettings, MAX_PORTS } from '@polyplex/node';
import { hostKind } from '@polyplex/protocol-common';

const MAX_HOSTS = 8;

export const ntfAddress = section('What the address of the push proxy says.', {
  hosts: textList({
    default: [], max: MAX_HOSTS, matches: (host) => hostKind(host) !== null, allowed: 'host names or IP addresses',
    describe: 'Names under which apps reach the push proxy; none are those of `address.hosts`.',
  }),
  port: optionalPort({ describe: 'The port in the address, where it is not the first one of `ntfListen.ports` (behind a load balancer).' }),
});

export const ntfIdentity = identitySection({ folder: 'ntf/', server: 'push proxy' });

/** 443 is the protocol's, and one server of a machine can have it. */
const PORT = 5643;

export const ntfListen = section('Addresses and ports of the push proxy.', {
  host: listenSettings.host,
  ports: portList({ default: [PORT], max: MAX_PORTS, describe: 'Ports to listen on. 443, the protocol\'s default, is left out of the address and reaches through most firewalls; one server of a machine can have it.' }),
  reusePort: listenSettings.reusePort,
  proxyProtocol: listenSettings.proxyProtocol,
  trustedProxies: listenSettings.trustedProxies,
});

/** Above the ports that `start --workers` counts up from the file server's. */
const ADMIN_PORT = 8280;

export const ntfAdmin = adminSection({ port: ADMIN_PORT, server: 'push proxy', auditName: 'ntf' });
