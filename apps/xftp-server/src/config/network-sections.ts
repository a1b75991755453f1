/** What the file server is called, where it listens and how it proves its identity (XFTP §1.3, §2.1, §7.2 TRANSPORT and WEB). */
import { hostKind } from '@polyplex/protocol-common';
import { optionalPath, optionalPort, portList, section, textList } from '@polyplex/config';
import { adminSection, identitySection, listenSettings, MAX_PORTS } from '@polyplex/node';

const MAX_HOSTS = 8;

export const xftpAddress = section('What the address of the file server says.', {
  hosts: textList({
    default: [], max: MAX_HOSTS, matches: (host) => hostKind(host) !== null, allowed: 'host names or IP addresses',
    describe: 'Names under which clients reach the file server; none are those of `address.hosts`.',
  }),
  port: optionalPort({ describe: 'The port in the address, where it is not the first one of `xftpListen.ports` (behind a load balancer).' }),
});

export const xftpIdentity = identitySection({ folder: 'xftp/', server: 'file server' });

export const xftpListen = section('Addresses and ports of the file server. With a web certificate each port also serves browsers, which send the server\'s name (SNI) and get that certificate; apps do not and get the server\'s own.', {
  host: listenSettings.host,
  ports: portList({ default: [5443], max: MAX_PORTS, describe: 'Ports to listen on. 443, the protocol\'s default, is left out of the address and reaches through most firewalls; one server of a machine can have it.' }),
  webCertificateFile: optionalPath({ describe: 'Certificate chain for browsers, PEM, from a public CA.' }),
  webKeyFile: optionalPath({ describe: 'Private key for browsers, PEM.' }),
  reusePort: listenSettings.reusePort,
  proxyProtocol: listenSettings.proxyProtocol,
  trustedProxies: listenSettings.trustedProxies,
});

/** Above the ports that `start --workers` counts up from the relay's. */
const ADMIN_PORT = 8180;

export const xftpAdmin = adminSection({ port: ADMIN_PORT, server: 'file server', auditName: 'xftp' });
