/** Alertmanager's configuration: by email, by webhook, or to nobody. Secrets are files. */
import { stringify } from 'yaml';
import type { MonitoringConfig } from '../config/schema.ts';
import type { SecretFile } from '../secrets/names.ts';

/** Files that the configuration names. */
export function alertSecrets({ alerts }: MonitoringConfig): Readonly<Record<string, SecretFile>> {
  return {
    ...(alerts.email === undefined ? {} : { 'alert-password': { secret: 'alertPassword' } as const }),
    ...(alerts.webhook ? { 'alert-webhook': { secret: 'alertWebhook' } as const } : {}),
  };
}

/** `folder`: that of `alertSecrets`. `hook`: where the link of the webhook is, a file of that folder unless something else is said. */
export function alertmanagerYaml({ alerts: { email, webhook } }: MonitoringConfig, folder: string, hook: object = { url_file: `${folder}/alert-webhook` }): string {
  const receiver = {
    name: 'operators',
    ...(email === undefined ? {} : { email_configs: [{ to: email.to, from: email.from, smarthost: email.smarthost, auth_username: email.username, auth_password_file: `${folder}/alert-password`, send_resolved: true }] }),
    ...(webhook ? { webhook_configs: [{ ...hook, send_resolved: true }] } : {}),
  };
  return stringify({
    route: {
      receiver: 'operators', group_by: ['alertname', 'fleet'], group_wait: '30s', group_interval: '5m', repeat_interval: '12h',
      routes: [{ matchers: ['severity = critical'], receiver: 'operators', repeat_interval: '1h' }],
    },
    receivers: [receiver],
  }, { lineWidth: 0 });
}
