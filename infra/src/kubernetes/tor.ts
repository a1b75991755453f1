/** Tor: an onion service in front of relay and file servers, and a SOCKS port through which the relay reaches other onion relays. */
import type { Container } from 'kubernetes-types/core/v1.js';
import type { KubernetesStack } from '../config/schema.ts';
import { type Unit, unitsOf } from '../settings/units.ts';
import { labelsOf, type Manifest, meta, type Part, secretOf } from './manifest.ts';
import { policy } from './network.ts';
import { container, podSpec, resources, scratch } from './pod.ts';

const USER = 1000;
const SOCKS_PORT = 9050;
/** Tor wants its folder for itself alone, with plain files in it, and a Secret is neither. */
const PREPARE = 'umask 077; mkdir -p /var/lib/tor/onion; cp /run/secrets/hs_ed25519_secret_key /run/secrets/hs_ed25519_public_key /run/secrets/hostname /var/lib/tor/onion/';

/** Tor passes connections on to addresses and sockets, not to names; services have names. */
function torrc(stack: KubernetesStack, units: readonly Unit[]): string {
  // Where nodes want a PROXY header from the balancer, they want one from here; Tor's has a made-up address for each circuit.
  const header = stack.target.balancer.proxyProtocolFrom.length === 0 ? [] : ['HiddenServiceExportCircuitID haproxy'];
  const ports = units.map(({ name, port }) => `HiddenServicePort ${port} unix:/run/forward/${name}`);
  return ['DataDirectory /var/lib/tor', `SocksPort 0.0.0.0:${SOCKS_PORT}`, 'SocksPolicy accept 10.0.0.0/8', 'SocksPolicy accept 172.16.0.0/12', 'SocksPolicy accept 192.168.0.0/16', 'SocksPolicy accept 100.64.0.0/10', 'SocksPolicy reject *', 'Log notice stdout', 'HiddenServiceDir /var/lib/tor/onion', ...header, ...ports, ''].join('\n');
}

/** From such a socket to a service, by name. Node does it, since the relay's image is there anyway. */
export const FORWARD = `
const net = require('node:net'), fs = require('node:fs');
for (const rule of process.env.FORWARD.split(' ')) {
  const [path, host, port] = rule.split('|');
  fs.rmSync(path, { force: true });
  net.createServer((client) => {
    const server = net.connect(Number(port), host);
    for (const [from, to] of [[client, server], [server, client]]) from.on('error', () => to.destroy()).on('close', () => to.destroy()).pipe(to);
  }).listen(path, () => fs.chmodSync(path, 0o660));
}
process.on('SIGTERM', () => process.exit(0));
`;

function containers(stack: KubernetesStack, units: readonly Unit[], memory: string): { first: Container; others: Container[] } {
  const shared = [{ name: 'data', mountPath: '/var/lib/tor' }, { name: 'tmp', mountPath: '/tmp' }];
  const secrets = { name: 'secrets', mountPath: '/run/secrets', readOnly: true };
  const forward = { name: 'forward', mountPath: '/run/forward' };
  const rules = units.map(({ name, port }) => `/run/forward/${name}|${name}.${stack.target.namespace}.svc|${port}`);
  return {
    first: container({ name: 'prepare', image: stack.images.tor, command: ['sh', '-euc', PREPARE], resources: resources(0.1, '64MiB'), volumeMounts: [...shared, secrets] }),
    others: [
      container({
        name: 'tor', image: stack.images.tor, command: ['tor', '-f', '/etc/tor-settings/torrc'], resources: resources(0.5, memory), ports: [{ name: 'socks', containerPort: SOCKS_PORT }],
        readinessProbe: { tcpSocket: { port: 'socks' }, periodSeconds: 10 }, livenessProbe: { tcpSocket: { port: 'socks' }, periodSeconds: 30, failureThreshold: 5 },
        volumeMounts: [...shared, forward, { name: 'settings', mountPath: '/etc/tor-settings', readOnly: true }],
      }),
      container({ name: 'forward', image: stack.images.polyplex, command: ['node', '-e', FORWARD], env: [{ name: 'FORWARD', value: rules.join(' ') }], resources: resources(0.2, '128MiB'), volumeMounts: [forward] }),
    ],
  };
}

function workload(stack: KubernetesStack, units: readonly Unit[], memory: string): Manifest {
  const { first, others } = containers(stack, units, memory);
  const volumes = [
    scratch('data', '256MiB', true), scratch('forward', '1MiB', true), scratch('tmp', '16MiB'),
    { name: 'settings', configMap: { name: 'tor' } }, { name: 'secrets', secret: { secretName: 'tor', defaultMode: 0o440 } },
  ];
  const labels = { ...labelsOf(stack, 'tor') };
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta(stack, 'tor'),
    spec: {
      // Two with one key would take the service from each other.
      replicas: 1, strategy: { type: 'Recreate' }, selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'polyplex/secrets-version': String(stack.secretsVersion) } },
        spec: { ...podSpec(stack, { app: 'tor', user: USER, containers: others, volumes }), initContainers: [first] },
      },
    },
  };
}

/** Empty where there is none. */
export function torParts(stack: KubernetesStack): readonly Part[] {
  if (stack.tor === undefined) return [];
  const units = unitsOf(stack).filter(({ name }) => name === 'relay' || name === 'files');
  return [{
    type: 'OnionService', name: 'tor',
    secrets: [secretOf(stack, 'tor', { hs_ed25519_secret_key: { secret: 'onionKey' }, hs_ed25519_public_key: { secret: 'onionPublicKey' }, hostname: { secret: 'onionName' } })],
    manifests: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(stack, 'tor'), data: { torrc: torrc(stack, units) } },
      { apiVersion: 'v1', kind: 'Service', metadata: meta(stack, 'tor'), spec: { type: 'ClusterIP', selector: { ...labelsOf(stack, 'tor') }, ports: [{ name: 'socks', port: SOCKS_PORT, targetPort: 'socks' }] } },
      policy(stack, 'tor', {
        from: [{ peer: ['relay'], ports: [SOCKS_PORT] }],
        to: [{ peer: units.map(({ name }) => name), ports: units.map(({ listen }) => listen ?? 0) }, { peer: 'internet' }],
      }),
      workload(stack, units, stack.tor.memory),
    ],
  }];
}
