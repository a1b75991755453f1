/**
 * The adapter through which Kubernetes asks Prometheus for connections of each node. It serves an extension of the API, one to a
 * cluster, and reads pods of this namespace; its certificate is its own, made at each start.
 */
import { stringify } from 'yaml';
import type { KubernetesStack } from '../config/schema.ts';
import { unitsOf } from '../settings/units.ts';
import { labelsOf, type Manifest, meta } from './manifest.ts';
import { policy } from './network.ts';
import { container, httpProbe, podSpec, resources, scratch } from './pod.ts';

const APP = 'prometheus-adapter';
const USER = 65_534;
const PORT = 6443;

function rules(stack: KubernetesStack): string {
  return stringify({
    rules: unitsOf(stack).filter(({ autoscale }) => autoscale?.connections !== undefined).map(({ connectionsMetric }) => ({
      seriesQuery: `${connectionsMetric}{namespace!="",pod!=""}`,
      resources: { overrides: { namespace: { resource: 'namespace' }, pod: { resource: 'pod' } } },
      name: { matches: `^${connectionsMetric}$`, as: connectionsMetric },
      metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)',
    })),
  }, { lineWidth: 0 });
}

/** To ask the API who asks, and for pods of the namespace. */
function rights(stack: KubernetesStack): Manifest[] {
  const subjects = [{ kind: 'ServiceAccount', name: APP, namespace: stack.target.namespace }];
  const name = `${stack.name}-${APP}`;
  const cluster = (suffix: string) => ({ name: `${name}${suffix}`, labels: { ...labelsOf(stack, APP) } });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(stack, APP), automountServiceAccountToken: false },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: cluster('-reader'), rules: [{ apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['get', 'list', 'watch'] }] },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: cluster('-reader'), roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `${name}-reader` }, subjects },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: cluster('-delegator'), roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' }, subjects },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { ...cluster('-auth'), namespace: 'kube-system' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'extension-apiserver-authentication-reader' }, subjects },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: cluster('-metrics'), rules: [{ apiGroups: ['custom.metrics.k8s.io'], resources: ['*'], verbs: ['get', 'list'] }] },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: cluster('-metrics'), roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `${name}-metrics` }, subjects: [{ kind: 'ServiceAccount', name: 'horizontal-pod-autoscaler', namespace: 'kube-system' }] },
  ];
}

function workload(stack: KubernetesStack): Manifest {
  const labels = { ...labelsOf(stack, APP) };
  const args = ['--cert-dir=/certificates', `--secure-port=${PORT}`, `--prometheus-url=http://prometheus.${stack.target.namespace}.svc:9090/`, '--metrics-relist-interval=1m', '--config=/etc/adapter/rules.yaml'];
  const adapter = container({
    name: 'adapter', image: stack.images.prometheusAdapter, args, resources: resources(0.1, '256MiB'), ports: [{ name: 'https', containerPort: PORT }],
    readinessProbe: { ...httpProbe('/readyz', 'https'), httpGet: { path: '/readyz', port: 'https', scheme: 'HTTPS' }, failureThreshold: 6 },
    volumeMounts: [{ name: 'settings', mountPath: '/etc/adapter', readOnly: true }, { name: 'certificates', mountPath: '/certificates' }, { name: 'tmp', mountPath: '/tmp' }],
  });
  const volumes = [{ name: 'settings', configMap: { name: APP } }, scratch('certificates', '1MiB', true), scratch('tmp', '64MiB')];
  const spec = { ...podSpec(stack, { app: APP, user: USER, containers: [adapter], volumes }), serviceAccountName: APP, automountServiceAccountToken: true };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta(stack, APP), spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } } };
}

export function customMetrics(stack: KubernetesStack): Manifest[] {
  return [
    ...rights(stack),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(stack, APP), data: { 'rules.yaml': rules(stack) } },
    // The API server calls it, from an address that no selector can name, as it calls the API server.
    policy(stack, APP, { from: [{ peer: 'anybody', ports: [PORT] }], to: [{ peer: ['prometheus'], ports: [9090] }, { peer: 'anybody', ports: [443, 6443] }] }),
    { apiVersion: 'v1', kind: 'Service', metadata: meta(stack, APP), spec: { type: 'ClusterIP', selector: { ...labelsOf(stack, APP) }, ports: [{ name: 'https', port: 443, targetPort: 'https' }] } },
    workload(stack),
    {
      apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1beta1.custom.metrics.k8s.io', labels: { ...labelsOf(stack, APP) } },
      spec: { group: 'custom.metrics.k8s.io', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: { name: APP, namespace: stack.target.namespace } },
    },
  ];
}
