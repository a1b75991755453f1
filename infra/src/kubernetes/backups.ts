/**
 * Backups, every night. A server with a store of its own is asked to make one, beside its data (docs/operations/backup.md); a network
 * on Redis is exported while it runs, to a volume of its own. Carrying them out of the cluster is the operator's: a snapshot class, or
 * whatever reads the volume.
 */
import type { Container, Volume } from 'kubernetes-types/core/v1.js';
import type { KubernetesStack } from '../config/schema.ts';
import { type Unit, unitsOf } from '../settings/units.ts';
import { labelsOf, type Manifest, meta, type Part } from './manifest.ts';
import { policy } from './network.ts';
import { claim, container, podSpec, resources, scratch } from './pod.ts';
import { REDIS_PORT } from './redis-names.ts';
import { configMount, configVolume, POLYPLEX_USER } from './servers.ts';

type Backups = NonNullable<KubernetesStack['backups']>;

/** The newest stay; an export that was not finished never counts. Node, since an image need not have a shell. */
export const EXPORT = `
const { spawnSync } = require('node:child_process');
const { readdirSync, rmSync } = require('node:fs');
const folder = process.env.BACKUP_FOLDER, keep = Number(process.env.BACKUP_KEEP);
const name = 'relay-' + new Date().toISOString().replace(/[-:]/g, '').slice(0, 15) + '.store';
const program = process.env.POLYPLEX_PROGRAM || '/opt/polyplex/dist/polyplex.mjs';
for (const left of readdirSync(folder).filter((file) => file.endsWith('.part'))) rmSync(folder + '/' + left);
const { status } = spawnSync(process.execPath, [program, 'store', 'export', '--online', folder + '/' + name], { stdio: 'inherit' });
if (status !== 0) process.exit(status === null ? 1 : status);
const whole = readdirSync(folder).filter((file) => /^relay-[0-9T]+[.]store$/.test(file)).sort();
for (const old of whole.slice(0, -keep)) rmSync(folder + '/' + old);
`;

function cronJob(stack: KubernetesStack, { name, schedule }: { name: string; schedule: string }, backup: Container, volumes: readonly Volume[]): Manifest {
  const labels = { ...labelsOf(stack, 'backup') };
  const pod = podSpec(stack, { app: 'backup', user: POLYPLEX_USER, containers: [backup], volumes });
  return {
    apiVersion: 'batch/v1', kind: 'CronJob', metadata: meta(stack, name, 'backup'),
    spec: {
      schedule, timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid', startingDeadlineSeconds: 3600, successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 3,
      jobTemplate: { spec: { backoffLimit: 2, activeDeadlineSeconds: 6 * 3600, template: { metadata: { labels }, spec: { ...pod, restartPolicy: 'Never' } } } },
    },
  };
}

/** Asks one server at its admin port. */
function askFor(stack: KubernetesStack, { schedule }: Backups, unit: Unit): Manifest {
  const args = ['admin', 'backup', 'start', '--only', unit.server, '--wait', '--url', `http://${unit.name}-nodes.${stack.target.namespace}.svc:${unit.adminPort}`, '--token-file', '/config/admin-token'];
  const backup = container({
    name: 'backup', image: stack.images.polyplex, args, resources: resources(0.1, '256MiB'), env: [{ name: 'POLYPLEX_CONFIG_DIR', value: '/config' }],
    volumeMounts: [configMount(), { name: 'tmp', mountPath: '/tmp' }],
  });
  return cronJob(stack, { name: `backup-${unit.name}`, schedule }, backup, [configVolume(unit), scratch('tmp', '64MiB')]);
}

function exportOf(stack: KubernetesStack, { schedule, keep }: Backups, unit: Unit): Manifest[] {
  const backup = container({
    name: 'backup', image: stack.images.polyplex, command: ['node', '-e', EXPORT], resources: resources(0.5, '1GiB'),
    env: [{ name: 'POLYPLEX_CONFIG_DIR', value: '/config' }, { name: 'BACKUP_FOLDER', value: '/backups' }, { name: 'BACKUP_KEEP', value: String(keep) }],
    volumeMounts: [configMount(), { name: 'backups', mountPath: '/backups' }, { name: 'tmp', mountPath: '/tmp' }],
  });
  const volumes = [configVolume(unit), { name: 'backups', persistentVolumeClaim: { claimName: 'backups' } }, scratch('tmp', '64MiB')];
  return [cronJob(stack, { name: 'backup-relay', schedule }, backup, volumes)];
}

/** Empty where there are none. */
export function backupParts(stack: KubernetesStack): readonly Part[] {
  const { backups } = stack;
  if (backups === undefined) return [];
  const units = unitsOf(stack);
  const embedded = units.filter((unit) => !unit.isShared && unit.name !== 'bot');
  const relay = units.find((unit) => unit.name === 'relay' && unit.isShared);
  const ports = embedded.map(({ adminPort }) => adminPort);
  const volume = { ...claim(stack, 'backups', backups.disk), metadata: meta(stack, 'backups', 'backup') };
  return [{
    type: 'Backups', name: 'backups', secrets: [],
    manifests: [
      policy(stack, 'backup', {
        to: [...(embedded.length === 0 ? [] : [{ peer: embedded.map(({ name }) => name), ports }]), ...(relay === undefined ? [] : [{ peer: ['redis'], ports: [REDIS_PORT] }])],
      }),
      ...(relay === undefined ? [] : [volume, ...exportOf(stack, backups, relay)]),
      ...embedded.map((unit) => askFor(stack, backups, unit)),
    ],
  }];
}
