/** All parts of a stack on Kubernetes, in the order in which they are made. */
import type { KubernetesStack } from '../config/schema.ts';
import { backupParts } from './backups.ts';
import { labelsOf, type Manifest, type Part } from './manifest.ts';
import { monitoringParts } from './monitoring.ts';
import { networkPolicies } from './network.ts';
import { redisParts } from './redis.ts';
import { balancerPart, serverParts } from './servers.ts';
import { storageParts } from './storage.ts';
import { torParts } from './tor.ts';

/** Pods that are not restricted are refused by the cluster itself. */
function namespace(stack: KubernetesStack): Part {
  const restricted = Object.fromEntries(['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']));
  const manifest: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: stack.target.namespace, labels: { ...labelsOf(stack, 'namespace'), ...restricted } } };
  return { type: 'Namespace', name: 'namespace', secrets: [], manifests: [manifest] };
}

export function kubernetesParts(stack: KubernetesStack): readonly Part[] {
  return [
    namespace(stack), networkPolicies(stack), ...redisParts(stack), ...storageParts(stack), ...serverParts(stack), balancerPart(stack), ...torParts(stack),
    ...monitoringParts(stack), ...backupParts(stack),
  ];
}
