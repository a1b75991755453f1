/** Objects of Kubernetes as plain data: what components of Pulumi register and the renderer writes, from one source. */
import type { ConfigMap, Namespace, PersistentVolumeClaim, Service, ServiceAccount } from 'kubernetes-types/core/v1.js';
import type { Deployment, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { CronJob, Job } from 'kubernetes-types/batch/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from 'kubernetes-types/rbac/v1.js';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import type { KubernetesStack } from '../config/schema.ts';
import type { SecretFile } from '../secrets/names.ts';

/** An extension of the API; `kubernetes-types` has no type for it. */
interface ApiService {
  readonly apiVersion: 'apiregistration.k8s.io/v1';
  readonly kind: 'APIService';
  readonly metadata: ObjectMeta;
  readonly spec: Readonly<Record<string, unknown>>;
}

type Kind =
  | ConfigMap | Namespace | PersistentVolumeClaim | Service | ServiceAccount | Deployment | StatefulSet | HorizontalPodAutoscaler | CronJob | Job | NetworkPolicy
  | PodDisruptionBudget | Role | ClusterRole | ClusterRoleBinding | RoleBinding | ApiService;

/** One object, with a name. */
export type Manifest = Kind & { readonly kind: string; readonly apiVersion: string; readonly metadata: ObjectMeta & { readonly name: string } };

/** A Secret, of which only its place is known here: its values never meet a manifest. */
export interface SecretManifest {
  readonly kind: 'SecretOf';
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** By key of the Secret. */
  readonly files: Readonly<Record<string, SecretFile>>;
}

/** What one part of a stack consists of, in the order in which it is made. */
export interface Part {
  /** Of its component: `RelayFleet`. */
  readonly type: string;
  /** Of its file and its resources: `relay`. */
  readonly name: string;
  readonly secrets: readonly SecretManifest[];
  readonly manifests: readonly Manifest[];
}

/** Labels by which parts find each other. */
export function labelsOf(stack: KubernetesStack, name: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': stack.name };
}

/** Name, namespace and labels of an object. */
export function meta(stack: KubernetesStack, name: string, app = name): ObjectMeta & { name: string } {
  return { name, namespace: stack.target.namespace, labels: { ...labelsOf(stack, app) } };
}

/** A Secret of a part. */
export function secretOf(stack: KubernetesStack, name: string, files: SecretManifest['files'], app = name): SecretManifest {
  return { kind: 'SecretOf', name, namespace: stack.target.namespace, labels: labelsOf(stack, app), files };
}
