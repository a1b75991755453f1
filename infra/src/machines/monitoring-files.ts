/** Prometheus and Alertmanager of Debian, and Grafana from its own archive, on one machine of the private network. */
import { readdirSync, readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { MachineStack, MonitoringConfig } from '../config/schema.ts';
import { alertmanagerYaml, alertSecrets } from '../settings/alerts.ts';
import { unitsOf } from '../settings/units.ts';
import { type MachineFile, openFile as open } from './machine-file.ts';
import { planMachines } from './plan.ts';

const DEPLOY = new URL('../../../deploy/', import.meta.url);
const shipped = (path: string): string => readFileSync(new URL(path, DEPLOY), 'utf8');

function prometheusYaml(stack: MachineStack): string {
  const machines = planMachines(stack);
  const jobs = unitsOf(stack).map((unit) => ({
    job_name: `polyplex-${unit.server}`,
    authorization: { credentials_file: '/etc/prometheus/polyplex-token' },
    static_configs: [{
      targets: machines.filter(({ units }) => units.some(({ name }) => name === unit.name)).map(({ address, role }) => `${role === 'all' ? '127.0.0.1' : address}:${unit.adminPort}`),
      labels: { fleet: unit.hosts[0] ?? unit.name },
    }],
  }));
  return stringify({
    global: { scrape_interval: '15s', evaluation_interval: '15s' }, rule_files: ['/etc/prometheus/rules.yaml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:9093'] }] }] }, scrape_configs: jobs,
  }, { lineWidth: 0 });
}

const GRAFANA_SERVICE = `[Unit]
Description=Grafana
After=network-online.target

[Service]
DynamicUser=yes
StateDirectory=grafana
LoadCredential=password:/etc/grafana/password
Environment=GF_SECURITY_ADMIN_PASSWORD__FILE=%d/password
Environment=GF_SERVER_HTTP_ADDR=127.0.0.1
Environment=GF_PATHS_DATA=/var/lib/grafana GF_PATHS_LOGS=/var/lib/grafana GF_PATHS_PLUGINS=/var/lib/grafana/plugins
Environment=GF_PATHS_PROVISIONING=/etc/grafana/provisioning
Environment=GF_ANALYTICS_REPORTING_ENABLED=false GF_ANALYTICS_CHECK_FOR_UPDATES=false GF_PLUGINS_PREINSTALL_DISABLED=true
Environment=GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH=/etc/polyplex/grafana/fleet.json
ExecStart=/opt/grafana/bin/grafana server --homepath=/opt/grafana
Restart=always
ProtectSystem=strict
ProtectHome=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateDevices=yes
MemoryMax=1G

[Install]
WantedBy=multi-user.target
`;

function grafanaFiles(): readonly MachineFile[] {
  const dashboards = readdirSync(new URL('grafana/', DEPLOY)).filter((name) => name.endsWith('.json'));
  return [
    open('/etc/systemd/system/polyplex-grafana.service', GRAFANA_SERVICE),
    { path: '/etc/grafana/password', mode: '600', owner: 'root:root', content: { secret: 'grafanaPassword' } },
    open('/etc/grafana/provisioning/datasources/prometheus.yaml', shipped('grafana/provisioning/datasources/prometheus.yaml').replace('http://prometheus:9090', 'http://127.0.0.1:9090')),
    open('/etc/grafana/provisioning/dashboards/polyplex.yaml', shipped('grafana/provisioning/dashboards/polyplex.yaml')),
    ...dashboards.map((name) => open(`/etc/polyplex/grafana/${name}`, shipped(`grafana/${name}`))),
  ];
}

/** Debian 12 has Alertmanager 0.25, which does not know links in files of their own (since 0.26): so the whole is secret where it has one. */
function alertmanagerFile(monitoring: MonitoringConfig): MachineFile['content'] {
  const text = alertmanagerYaml(monitoring, '/etc/prometheus', { url: '{}' });
  return monitoring.alerts.webhook ? { secret: 'alertWebhook', template: text } : text;
}

export function monitoringFiles(stack: MachineStack, monitoring: MonitoringConfig): readonly MachineFile[] {
  const own = (path: string, content: MachineFile['content']): MachineFile => ({ path, mode: '640', owner: 'root:prometheus', content });
  return [
    open('/etc/prometheus/prometheus.yml', prometheusYaml(stack)),
    open('/etc/prometheus/rules.yaml', shipped('prometheus/rules.yaml')),
    own('/etc/prometheus/alertmanager.yml', alertmanagerFile(monitoring)),
    own('/etc/prometheus/polyplex-token', { secret: 'readerToken' }),
    ...Object.entries(alertSecrets(monitoring)).filter(([name]) => name !== 'alert-webhook').map(([name, file]) => own(`/etc/prometheus/${name}`, file)),
    open('/etc/default/prometheus', `ARGS="--web.listen-address=127.0.0.1:9090 --storage.tsdb.retention.time=${monitoring.retentionDays}d"\n`),
    open('/etc/default/prometheus-alertmanager', 'ARGS="--web.listen-address=127.0.0.1:9093 --cluster.listen-address="\n'),
    ...(stack.target.grafana === undefined ? [] : grafanaFiles()),
  ];
}
