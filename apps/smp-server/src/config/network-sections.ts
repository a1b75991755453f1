/** Where the relay listens and how it proves its identity (SMP §2.7, §9.2 TRANSPORT and WEB, §9.3). */
import { optionalPath, optionalPort, portList, section, toggle } from '@polyplex/config';
import { identitySection, listenSettings, MAX_PORTS } from '@polyplex/node';

export const identity = identitySection({ folder: '', server: 'relay' });

export const listen = section('Addresses and ports of the relay. With a shared port and a web certificate, browsers get the information page and apps get the relay.', {
  host: listenSettings.host,
  ports: portList({ default: [5223], max: MAX_PORTS, describe: 'Ports for SMP alone.' }),
  sharedPort: optionalPort({ describe: 'Port shared by SMP and HTTPS, usually 443. Without a web certificate it serves SMP alone.' }),
  webCertificateFile: optionalPath({ describe: 'Certificate chain of the HTTPS page on the shared port, PEM.' }),
  webKeyFile: optionalPath({ describe: 'Private key of the HTTPS page, PEM.' }),
  reusePort: listenSettings.reusePort,
  leanConnections: toggle({ default: false, describe: 'Whether connections of TLS 1.3 are to take a third of the memory, for some 5 % more CPU for each message: after the handshake the relay seals and opens their records itself, with libsodium, and OpenSSL keeps nothing for them. Worth it from some thousands of connections for each GB of memory.' }),
  webSockets: toggle({ default: false, describe: 'Whether the shared port also accepts SMP over WebSockets at `/`.' }),
  webSocketPort: optionalPort({ describe: 'Port for SMP over WebSockets with the relay\'s own certificate.' }),
  proxyProtocol: listenSettings.proxyProtocol,
  trustedProxies: listenSettings.trustedProxies,
});
