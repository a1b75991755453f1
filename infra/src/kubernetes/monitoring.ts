/** Prometheus, Alertmanager and Grafana, with the rules and dashboards of `deploy/`. Nobody reaches them from outside: `kubectl port-forward`. */
import type { Container, Volume } from 'kubernetes-types/core/v1.js';
import { readdirSync, readFileSync } from 'node:fs';
import type { KubernetesStack, MonitoringConfig } from '../config/schema.ts';
import { alertmanagerYaml, alertSecrets } from '../settings/alerts.ts';
import { unitsOf } from '../settings/units.ts';
import { customMetrics } from './custom-metrics.ts';
import { labelsOf, type Manifest, meta, type Part, secretOf } from './manifest.ts';
import { policy } from './network.ts';
import { claim, container, httpProbe, podSpec, resources, scratch } from './pod.ts';
import { discoveryRights, prometheusYaml } from './prometheus.ts';

/** `nobody`, and Grafana's own. */
const NOBODY = 65_534;
const GRAFANA_USER = 472;
const DEPLOY = new URL('../../../deploy/', import.meta.url);
const shipped = (path: string): string => readFileSync(new URL(path, DEPLOY), 'utf8');

interface Program {
  readonly app: string;
  readonly port: number;
  readonly user: number;
  readonly disk?: string;
  readonly container: Omit<Container, 'name' | 'ports'> & Required<Pick<Container, 'image' | 'resources'>>;
  readonly volumes: readonly Volume[];
  readonly ready: string;
  /** With which it asks the API; most do not. */
  readonly account?: string;
}

/** One process with a volume, and the service that its neighbours find it by. */
function program(stack: KubernetesStack, { app, port, user, disk = '1GiB', container: given, volumes, ready, account }: Program): Manifest[] {
  const labels = { ...labelsOf(stack, app) };
  const probe = { periodSeconds: 10, failureThreshold: 6 };
  const only = container({ ...given, name: app, ports: [{ name: 'http', containerPort: port }], readinessProbe: httpProbe(ready, 'http'), livenessProbe: httpProbe(ready, 'http', { ...probe, initialDelaySeconds: 60 }) });
  const spec = podSpec(stack, { app, user, containers: [only], volumes: [...volumes, scratch('tmp', '128MiB')] });
  const asking = account === undefined ? {} : { serviceAccountName: account, automountServiceAccountToken: true };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: meta(stack, app), spec: { type: 'ClusterIP', selector: labels, ports: [{ name: 'http', port, targetPort: 'http' }] } },
    {
      apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: meta(stack, app),
      spec: {
        replicas: 1, serviceName: app, selector: { matchLabels: labels },
        template: { metadata: { labels, annotations: { 'polyplex/secrets-version': String(stack.secretsVersion) } }, spec: { ...spec, ...asking } },
        volumeClaimTemplates: [claim(stack, 'data', disk)],
      },
    },
  ];
}

const mount = (name: string, mountPath: string) => ({ name, mountPath, readOnly: true });
const DATA = (mountPath: string) => [{ name: 'data', mountPath }, { name: 'tmp', mountPath: '/tmp' }];
const secretVolume = (secretName: string): Volume => ({ name: 'secrets', secret: { secretName, defaultMode: 0o440 } });
const settingsVolume = (name: string): Volume => ({ name: 'settings', configMap: { name } });

function prometheus(stack: KubernetesStack, { cpu, memory, disk, retentionDays, customMetrics: asksApi }: MonitoringConfig): Manifest[] {
  const args = ['--config.file=/etc/prometheus/prometheus.yaml', '--storage.tsdb.path=/prometheus', `--storage.tsdb.retention.time=${retentionDays}d`];
  return program(stack, {
    app: 'prometheus', port: 9090, user: NOBODY, disk, ready: '/-/ready', ...(asksApi ? { account: 'prometheus' } : {}), volumes: [settingsVolume('prometheus'), secretVolume('prometheus')],
    container: { image: stack.images.prometheus, args, resources: resources(cpu, memory), volumeMounts: [...DATA('/prometheus'), mount('settings', '/etc/prometheus'), mount('secrets', '/run/secrets')] },
  });
}

function alertmanager(stack: KubernetesStack, hasSecrets: boolean): Manifest[] {
  return program(stack, {
    app: 'alertmanager', port: 9093, user: NOBODY, ready: '/-/ready', volumes: [settingsVolume('alertmanager'), ...(hasSecrets ? [secretVolume('alertmanager')] : [])],
    container: {
      image: stack.images.alertmanager, args: ['--config.file=/etc/alertmanager/alertmanager.yaml', '--storage.path=/alertmanager', '--cluster.listen-address='], resources: resources(0.1, '128MiB'),
      volumeMounts: [...DATA('/alertmanager'), mount('settings', '/etc/alertmanager'), ...(hasSecrets ? [mount('secrets', '/run/secrets')] : [])],
    },
  });
}

function grafana(stack: KubernetesStack): Manifest[] {
  const env = Object.entries({
    GF_SECURITY_ADMIN_PASSWORD__FILE: '/run/secrets/grafana-password', GF_ANALYTICS_REPORTING_ENABLED: 'false', GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false', GF_PLUGINS_PREINSTALL_DISABLED: 'true', GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: '/etc/polyplex/grafana/fleet.json',
  }).map(([name, value]) => ({ name, value }));
  const volumes: Volume[] = [
    secretVolume('grafana'), { name: 'dashboards', configMap: { name: 'dashboards' } },
    { name: 'provisioning', configMap: { name: 'grafana', items: [{ key: 'datasources.yaml', path: 'datasources/prometheus.yaml' }, { key: 'dashboards.yaml', path: 'dashboards/polyplex.yaml' }] } },
  ];
  return program(stack, {
    app: 'grafana', port: 3000, user: GRAFANA_USER, ready: '/api/health', volumes,
    container: { image: stack.images.grafana, env, resources: resources(0.2, '512MiB'), volumeMounts: [...DATA('/var/lib/grafana'), mount('provisioning', '/etc/grafana/provisioning'), mount('dashboards', '/etc/polyplex/grafana'), mount('secrets', '/run/secrets')] },
  });
}

/** Without the blanks, so that all of them fit into one object. */
function dashboards(stack: KubernetesStack): Manifest {
  const files = readdirSync(new URL('grafana/', DEPLOY)).filter((name) => name.endsWith('.json')).sort();
  const data = Object.fromEntries(files.map((name) => [name, JSON.stringify(JSON.parse(shipped(`grafana/${name}`)))]));
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(stack, 'dashboards', 'grafana'), data };
}

function policies(stack: KubernetesStack, { alerts, customMetrics: asksApi }: MonitoringConfig): Manifest[] {
  const nodes = unitsOf(stack).map(({ name, adminPort }) => ({ peer: [name], ports: [adminPort] }));
  const outside = alerts.email === undefined && !alerts.webhook ? [] : [{ peer: 'internet' as const, ports: [25, 443, 465, 587] }];
  return [
    policy(stack, 'prometheus', { from: [{ peer: ['grafana', 'prometheus-adapter'], ports: [9090] }], to: [...nodes, { peer: ['alertmanager'], ports: [9093] }, ...(asksApi ? [{ peer: 'anybody' as const, ports: [443, 6443] }] : [])] }),
    policy(stack, 'alertmanager', { from: [{ peer: ['prometheus'], ports: [9093] }], to: outside }),
    policy(stack, 'grafana', { to: [{ peer: ['prometheus'], ports: [9090] }] }),
  ];
}

/** Empty where there is none. */
export function monitoringParts(stack: KubernetesStack): readonly Part[] {
  const { monitoring } = stack;
  if (monitoring === undefined) return [];
  const secrets = alertSecrets(monitoring);
  const hasSecrets = Object.keys(secrets).length > 0;
  return [{
    type: 'Monitoring', name: 'monitoring',
    secrets: [
      secretOf(stack, 'prometheus', { 'reader-token': { secret: 'readerToken' } }),
      secretOf(stack, 'grafana', { 'grafana-password': { secret: 'grafanaPassword' } }),
      ...(hasSecrets ? [secretOf(stack, 'alertmanager', secrets)] : []),
    ],
    manifests: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(stack, 'prometheus'), data: { 'prometheus.yaml': prometheusYaml(stack), 'rules.yaml': shipped('prometheus/rules.yaml') } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(stack, 'alertmanager'), data: { 'alertmanager.yaml': alertmanagerYaml(monitoring, '/run/secrets') } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(stack, 'grafana'), data: { 'datasources.yaml': shipped('grafana/provisioning/datasources/prometheus.yaml'), 'dashboards.yaml': shipped('grafana/provisioning/dashboards/polyplex.yaml') } },
      dashboards(stack),
      ...policies(stack, monitoring),
      ...(monitoring.customMetrics ? discoveryRights(stack) : []),
      ...prometheus(stack, monitoring), ...alertmanager(stack, hasSecrets), ...grafana(stack),
      ...(monitoring.customMetrics ? customMetrics(stack) : []),
    ],
  }];
}
