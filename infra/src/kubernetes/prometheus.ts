/**
 * How Prometheus finds the nodes: by the name service, which needs no rights. Only where Kubernetes scales by its metrics it asks the
 * API for pods of the namespace, since metrics must then carry their names.
 */
import { stringify } from 'yaml';
import type { KubernetesStack } from '../config/schema.ts';
import { type Unit, unitsOf } from '../settings/units.ts';
import { labelsOf, type Manifest, meta } from './manifest.ts';

function byName(stack: KubernetesStack, { name, adminPort }: Unit): object {
  return { dns_sd_configs: [{ names: [`${name}-nodes.${stack.target.namespace}.svc`], type: 'A', port: adminPort, refresh_interval: '15s' }] };
}

function byPod(stack: KubernetesStack, { name }: Unit): object {
  return {
    kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: [stack.target.namespace] }, selectors: [{ role: 'pod', label: `app.kubernetes.io/name=${name}` }] }],
    relabel: [
      { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: 'admin', action: 'keep' },
      { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
      { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
    ],
  };
}

export function prometheusYaml(stack: KubernetesStack): string {
  const { namespace } = stack.target;
  const scrape_configs = unitsOf(stack).map((unit) => {
    const { relabel = [], ...discovery } = (stack.monitoring?.customMetrics === true ? byPod(stack, unit) : byName(stack, unit)) as { readonly relabel?: readonly object[] };
    return {
      job_name: `polyplex-${unit.server}`,
      authorization: { credentials_file: '/run/secrets/reader-token' },
      ...discovery,
      relabel_configs: [...relabel, { target_label: 'fleet', replacement: unit.hosts[0] ?? unit.name }],
    };
  });
  return stringify({
    global: { scrape_interval: '15s', evaluation_interval: '15s' },
    rule_files: ['/etc/prometheus/rules.yaml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`alertmanager.${namespace}.svc:9093`] }] }] },
    scrape_configs,
  }, { lineWidth: 0 });
}

/** To read pods of this namespace, and nothing else. */
export function discoveryRights(stack: KubernetesStack): Manifest[] {
  const labels = { ...labelsOf(stack, 'prometheus') };
  const metadata = { name: 'prometheus', namespace: stack.target.namespace, labels };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta(stack, 'prometheus'), automountServiceAccountToken: false },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }] },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'prometheus' },
      subjects: [{ kind: 'ServiceAccount', name: 'prometheus', namespace: stack.target.namespace }],
    },
  ];
}
