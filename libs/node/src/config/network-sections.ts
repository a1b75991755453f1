/**
 * Settings that servers of every protocol have in common: their names, their certificates, and where they listen. What
 * differs, such as a default, comes in as a parameter, so that one word means one thing in the whole configuration.
 */
import { hostKind } from '@polyplex/protocol-common';
import { optionalPath, optionalPort, optionalText, path, port, section, text, textList, toggle } from '@polyplex/config';
import { isListenHost, isNetwork } from './listen-host.ts';

const MAX_HOSTS = 8;
const NODE_NAME = /^[\p{L}\p{N}._:-]([\p{L}\p{N} ._:-]{0,58}[\p{L}\p{N}._:-])?$/u;
const MAX_PROXIES = 64;

/** Most ports of one kind that a server listens on. */
export const MAX_PORTS = 16;

export const address = section('What the addresses that users share say.', {
  hosts: textList({
    default: ['localhost'], max: MAX_HOSTS, matches: (host) => hostKind(host) !== null,
    allowed: 'host names or IP addresses; the first is the public one, a `.onion` name may follow',
    describe: 'Names under which clients reach this machine: those of the relay, and of the file server unless it has its own.',
  }),
  port: optionalPort({ describe: 'The port in the address of the relay, where it is not the first one of `listen.ports` (behind a load balancer).' }),
});

/** `folder`: of the files by default, with a slash at its end; `server`: who it is, in a sentence. */
export function identitySection({ folder, server }: { readonly folder: string; readonly server: string }) {
  return section(`The certificates of the ${server}. Its address holds the fingerprint of the CA certificate, so that one stays for ever.`, {
    certificateFile: path({ default: `${folder}server.crt`, describe: 'Online certificate, PEM; the CA certificate follows in the same file or in `caCertificateFile`.' }),
    keyFile: path({ default: `${folder}server.key`, describe: 'Private key of the online certificate, PEM: Ed25519 or Ed448.' }),
    caCertificateFile: optionalPath({ describe: 'CA certificate, PEM, where `certificateFile` does not hold it.' }),
  });
}

export type IdentityFiles = Readonly<Record<'certificateFile' | 'keyFile', string>> & { readonly caCertificateFile: string | null };

/** Settings of a `listen` section that do not depend on the protocol. */
export const listenSettings = {
  host: optionalText({ matches: isListenHost, allowed: 'a host name or IP address', describe: 'Address to listen on; none is all, IPv6 and IPv4.' }),
  reusePort: toggle({ default: false, describe: 'Whether several nodes of this machine may listen on the same ports, which the kernel then shares among them. `polyplex start --workers` sets it.' }),
  proxyProtocol: toggle({ default: false, describe: 'Whether load balancers named in `trustedProxies` send a PROXY header with the client\'s address.' }),
  trustedProxies: textList({
    default: [], max: MAX_PROXIES, matches: isNetwork,
    allowed: 'addresses or networks such as `10.0.0.0/8`', describe: 'Who may send a PROXY header; all others must not.',
  }),
};

function isNodeName(name: string): boolean {
  return NODE_NAME.test(name);
}

/** The admin port of one server. */
export function adminSection({ port: fallback, server, auditName }: { readonly port: number; readonly server: string; readonly auditName: string }) {
  return section(`Health, metrics and administration of the ${server} over HTTP. Keep it away from the internet.`, {
    host: text({ default: '127.0.0.1', matches: isListenHost, allowed: 'a host name or IP address', describe: 'Address to listen on. Any but a loopback address requires `tokenFile`.' }),
    port: port({ default: fallback, describe: 'Port to listen on.' }),
    nodeName: optionalText({
      matches: isNodeName, allowed: 'up to 60 letters, digits, spaces and `.:_-`',
      describe: 'What this node is called in the overview, among others of its network; workers get numbers behind it. None is its host name and the port above.',
    }),
    tokenFile: optionalPath({ describe: 'File with the token that requests must carry (`Authorization: Bearer …`), for those who may do everything; /healthz, /readyz and the console\'s files need none.' }),
    readerTokenFile: optionalPath({ describe: 'File with another token, for those who may look and change nothing, such as Prometheus and people at the console. Needs `tokenFile`.' }),
    auditFile: optionalPath({ describe: `File for the audit log, which has a line for each step of an operator; none is \`audit-${auditName}.log\` in \`storage.dataDir\`. Processes of one machine may share it.` }),
  });
}
