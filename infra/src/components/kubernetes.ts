/** A stack on Kubernetes: each part of `../kubernetes` is a component, and each of its objects a resource of it. */
import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { KubernetesStack } from '../config/schema.ts';
import { InfraError } from '../errors.ts';
import type { Manifest, Part, SecretManifest } from '../kubernetes/manifest.ts';
import { kubernetesParts } from '../kubernetes/stack.ts';
import { fillIn, secretEntry } from '../secrets/names.ts';
import { unitsOf } from '../settings/units.ts';
import { Component, type SecretValues, secretValue } from './component.ts';

type Make = new (name: string, args: never, options?: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/** The typed resource of each kind; its arguments are the object. */
const KINDS: Readonly<Record<string, Make>> = {
  APIService: k8s.apiregistration.v1.APIService,
  ClusterRole: k8s.rbac.v1.ClusterRole,
  ClusterRoleBinding: k8s.rbac.v1.ClusterRoleBinding,
  ConfigMap: k8s.core.v1.ConfigMap,
  CronJob: k8s.batch.v1.CronJob,
  Deployment: k8s.apps.v1.Deployment,
  HorizontalPodAutoscaler: k8s.autoscaling.v2.HorizontalPodAutoscaler,
  Job: k8s.batch.v1.Job,
  Namespace: k8s.core.v1.Namespace,
  NetworkPolicy: k8s.networking.v1.NetworkPolicy,
  PersistentVolumeClaim: k8s.core.v1.PersistentVolumeClaim,
  PodDisruptionBudget: k8s.policy.v1.PodDisruptionBudget,
  Role: k8s.rbac.v1.Role,
  RoleBinding: k8s.rbac.v1.RoleBinding,
  Service: k8s.core.v1.Service,
  ServiceAccount: k8s.core.v1.ServiceAccount,
  StatefulSet: k8s.apps.v1.StatefulSet,
};

function makeObject(manifest: Manifest, options: pulumi.CustomResourceOptions): pulumi.CustomResource {
  const Kind = KINDS[manifest.kind];
  if (Kind === undefined) throw new InfraError('KIND', `objects of the kind ${manifest.kind} are not known here`);
  return new Kind(`${manifest.kind}-${manifest.metadata.name}`.toLowerCase(), manifest as never, options);
}

function makeSecret({ name, namespace, labels, files }: SecretManifest, values: SecretValues, options: pulumi.CustomResourceOptions): k8s.core.v1.Secret {
  const data = Object.fromEntries(Object.entries(files).map(([key, file]) => [
    key, pulumi.secret(secretValue(values, file.secret).apply((value) => (secretEntry(file.secret).isBinary === true ? value : Buffer.from(fillIn(file, value)).toString('base64')))),
  ]));
  return new k8s.core.v1.Secret(`secret-${name}`, { metadata: { name, namespace, labels: { ...labels } }, type: 'Opaque', data }, { ...options, additionalSecretOutputs: ['data'] });
}

function makePart(part: Part, values: SecretValues, options: pulumi.ComponentResourceOptions): { component: Component; objects: readonly pulumi.CustomResource[] } {
  const component = new Component(`kubernetes:${part.type}`, part.name, options);
  const secrets = part.secrets.map((secret) => makeSecret(secret, values, component.children));
  const objects = part.manifests.map((manifest) => makeObject(manifest, component.children));
  return { component: component.finish(), objects: [...secrets, ...objects] };
}

/** Addresses that the cluster's provider gave the balancers, by server. */
function addressesOf({ manifests }: Part, objects: readonly pulumi.CustomResource[]): Readonly<Record<string, pulumi.Output<unknown>>> {
  return Object.fromEntries(objects.flatMap((object, index) => (object instanceof k8s.core.v1.Service ? [[manifests[index]?.metadata.name ?? '', object.status] as const] : [])));
}

/** Registers everything; returns what the operator is told. */
export function deployKubernetes(stack: KubernetesStack, values: SecretValues): pulumi.Inputs {
  const { context, namespace } = stack.target;
  // `pulumi config set polyplex:renderTo FOLDER`: nothing is deployed, but what would be is written there, and no cluster is needed.
  const renderYamlToDirectory = new pulumi.Config('polyplex').get('renderTo');
  // Settings and secrets are changed in place: pods take the new ones by their annotations, and none starts while there are none.
  const provider = new k8s.Provider('cluster', {
    enableConfigMapMutable: true, enableSecretMutable: true,
    ...(context === undefined ? {} : { context }), ...(renderYamlToDirectory === undefined ? { enableServerSideApply: true } : { renderYamlToDirectory }),
  });
  const made = new Map<string, Component>();
  let balancers: pulumi.Inputs = {};
  for (const part of kubernetesParts(stack)) {
    // Servers start when there is a namespace for them and a Redis; the rest is all at once.
    const after = ['namespace', 'network-policies', ...(['relay', 'files', 'push', 'bot'].includes(part.name) ? ['redis', 'storage'] : [])].flatMap((name) => made.get(name) ?? []);
    const { component, objects } = makePart(part, values, { providers: { kubernetes: provider }, dependsOn: after });
    made.set(part.name, component);
    if (part.name === 'balancer') balancers = addressesOf(part, objects);
  }
  return { namespace, hosts: unitsOf(stack).flatMap(({ hosts }) => hosts), balancers };
}
