/** Where the relay listens, what it is called and how it proves its identity (SMP §2.7, §9.2 TRANSPORT and WEB, §9.3). */
import { hostKind } from '@polyplex/protocol-common';
import { optionalPath, optionalPort, optionalText, path, portList, section, textList, toggle } from '@polyplex/config';
import { isListenHost, isNetwork } from './listen-host.ts';

const MAX_HOSTS = 8;
const MAX_PORTS = 16;
const MAX_PROXIES = 64;

export const address = section('What the address that users share says.', {
  hosts: textList({
    default: ['localhost'], max: MAX_HOSTS, matches: (host) => hostKind(host) !== null,
    allowed: 'host names or IP addresses; the first is the public one, a `.onion` name may follow',
    describe: 'Names under which clients reach this relay.',
  }),
  port: optionalPort({ describe: 'The port in the address, where it is not the first one of `listen.ports` (behind a load balancer).' }),
});

export const storage = section('Where queues and messages are kept.', {
  dataDir: path({ default: '../data', describe: 'Folder for queues and messages; made when missing. One process at a time uses it.' }),
});

export const identity = section('The relay\'s certificates. The address holds the fingerprint of the CA certificate, so that one stays for ever.', {
  certificateFile: path({ default: 'server.crt', describe: 'Online certificate, PEM; the CA certificate follows in the same file or in `caCertificateFile`.' }),
  keyFile: path({ default: 'server.key', describe: 'Private key of the online certificate, PEM: Ed25519 or Ed448.' }),
  caCertificateFile: optionalPath({ describe: 'CA certificate, PEM, where `certificateFile` does not hold it.' }),
});

export const listen = section('Addresses and ports. With a shared port and a web certificate, browsers get the information page and apps get the relay.', {
  host: optionalText({ matches: isListenHost, allowed: 'a host name or IP address', describe: 'Address to listen on; none is all, IPv6 and IPv4.' }),
  ports: portList({ default: [5223], max: MAX_PORTS, describe: 'Ports for SMP alone.' }),
  sharedPort: optionalPort({ describe: 'Port shared by SMP and HTTPS, usually 443. Without a web certificate it serves SMP alone.' }),
  webCertificateFile: optionalPath({ describe: 'Certificate chain of the HTTPS page on the shared port, PEM.' }),
  webKeyFile: optionalPath({ describe: 'Private key of the HTTPS page, PEM.' }),
  webSockets: toggle({ default: false, describe: 'Whether the shared port also accepts SMP over WebSockets at `/`.' }),
  webSocketPort: optionalPort({ describe: 'Port for SMP over WebSockets with the relay\'s own certificate.' }),
  proxyProtocol: toggle({ default: false, describe: 'Whether load balancers named in `trustedProxies` send a PROXY header with the client\'s address.' }),
  trustedProxies: textList({
    default: [], max: MAX_PROXIES, matches: isNetwork,
    allowed: 'addresses or networks such as `10.0.0.0/8`', describe: 'Who may send a PROXY header; all others must not.',
  }),
});
