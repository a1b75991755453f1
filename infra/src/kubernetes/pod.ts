/** What every pod has: an ordinary user, a file system for reading only, no capabilities, bounds. Pod Security Standard "restricted". */
import type {
  Container, PersistentVolumeClaim, PodSecurityContext, PodSpec, Probe, ResourceRequirements, SecurityContext, Volume,
} from 'kubernetes-types/core/v1.js';
import { quantity } from '../config/fields.ts';
import type { KubernetesStack } from '../config/schema.ts';
import { labelsOf } from './manifest.ts';

/** Of all pods and all containers. */
const CONTAINER_SECURITY: SecurityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true };

function podSecurity(user: number): PodSecurityContext {
  return { runAsNonRoot: true, runAsUser: user, runAsGroup: user, fsGroup: user, fsGroupChangePolicy: 'OnRootMismatch', seccompProfile: { type: 'RuntimeDefault' } };
}

/** Cores as Kubernetes counts them. */
const millicores = (cores: number): string => `${Math.round(cores * 1000)}m`;

/** Sure of `cpu` and `memory`; at most twice the processor, and no more memory. */
export function resources(cpu: number, memory: string): ResourceRequirements {
  return { requests: { cpu: millicores(cpu), memory: quantity(memory) }, limits: { cpu: millicores(2 * cpu), memory: quantity(memory) } };
}

/** A container that cannot do without its resources, and is secured. */
export function container(given: Container & Required<Pick<Container, 'image' | 'resources'>>): Container {
  return { imagePullPolicy: 'IfNotPresent', ...given, securityContext: CONTAINER_SECURITY };
}

/** Of an HTTP port. */
export function httpProbe(path: string, port: number | string, times: Omit<Probe, 'httpGet'> = {}): Probe {
  return { httpGet: { path, port }, timeoutSeconds: 3, ...times };
}

interface Pod {
  readonly app: string;
  readonly user: number;
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly graceSeconds?: number;
}

/** Pods of one app are kept apart: on other hosts, and in other zones, as far as there are any. */
export function podSpec(stack: KubernetesStack, { app, user, containers, volumes, graceSeconds = 30 }: Pod): PodSpec {
  const labelSelector = { matchLabels: { ...labelsOf(stack, app) } };
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurity(user),
    terminationGracePeriodSeconds: graceSeconds,
    topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector })),
    containers: [...containers],
    volumes: [...volumes],
  };
}

/** A folder for what may be forgotten. */
export function scratch(name: string, limit: string, memory = false): Volume {
  return { name, emptyDir: { sizeLimit: quantity(limit), ...(memory ? { medium: 'Memory' } : {}) } };
}

/** A volume of each pod. */
export function claim(stack: KubernetesStack, name: string, disk: string): PersistentVolumeClaim {
  const { storageClass } = stack.target;
  return {
    apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], ...(storageClass === undefined ? {} : { storageClassName: storageClass }), resources: { requests: { storage: quantity(disk) } } },
  };
}
