/** The way in, at TCP level: a service of the type LoadBalancer, which the cluster's provider or MetalLB fulfils. TLS ends in the nodes. */
import type { KubernetesStack } from '../config/schema.ts';
import type { Unit } from '../settings/units.ts';
import { labelsOf, type Manifest, meta } from './manifest.ts';

/** What external-dns asks the name service for. */
function dnsAnnotations({ dns }: KubernetesStack, hosts: readonly string[]): Readonly<Record<string, string>> {
  if (dns.kind !== 'external-dns') return {};
  const names = hosts.filter((host) => !host.endsWith('.onion'));
  return { 'external-dns.alpha.kubernetes.io/hostname': names.join(','), 'external-dns.alpha.kubernetes.io/ttl': String(dns.ttl) };
}

export function balancerService(stack: KubernetesStack, unit: Unit): Manifest {
  const { annotations, keepAddresses } = stack.target.balancer;
  return {
    apiVersion: 'v1', kind: 'Service',
    metadata: { ...meta(stack, unit.name), annotations: { ...annotations, ...dnsAnnotations(stack, unit.hosts) } },
    spec: {
      type: 'LoadBalancer',
      externalTrafficPolicy: keepAddresses ? 'Local' : 'Cluster',
      selector: { ...labelsOf(stack, unit.name) },
      ports: [{ name: unit.server, port: unit.port ?? 0, targetPort: unit.server }],
    },
  };
}
