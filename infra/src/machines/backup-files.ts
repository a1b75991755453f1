/** Backups by a timer of systemd, as docs/operations/backup.md has them: on the machine with everything, or the first relay of a network. */
import type { MachineStack } from '../config/schema.ts';
import type { MachineFile } from './machine-file.ts';
import type { Machine } from './plan.ts';

const NODE = '/opt/polyplex/bin/node';
const PROGRAM = '/opt/polyplex/dist/polyplex.mjs';

/** Minute and hour of the schedule, every day. */
function calendar(schedule: string): string {
  const [minute = '0', hour = '3'] = schedule.split(' ');
  return `*-*-* ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}:00 UTC`;
}

function script(machine: Machine, keep: number, remote: string | undefined): string {
  const folder = '/var/lib/polyplex/backups';
  const make = machine.role === 'all'
    ? [`${NODE} ${PROGRAM} admin backup start --wait --config-dir /etc/polyplex`]
    : [
        `mkdir -p ${folder}`, `rm -f ${folder}/*.part`,
        `${NODE} ${PROGRAM} store export --online --config-dir /etc/polyplex "${folder}/relay-$(date -u +%Y%m%dT%H%M%S).store"`,
        `ls ${folder}/relay-*.store | sort | head -n -${keep} | xargs -r rm --`,
      ];
  const carry = remote === undefined ? [] : [`rsync -a --delete --exclude '*.part' ${folder}/ '${remote}'`];
  return ['#!/bin/sh', 'set -eu', 'umask 077', ...make, ...carry, ''].join('\n');
}

const SERVICE = `[Unit]
Description=Backup of Polyplex

[Service]
Type=oneshot
User=polyplex
Group=polyplex
Environment=HOME=/var/lib/polyplex
ExecStart=/usr/local/bin/polyplex-backup
ProtectSystem=strict
ReadWritePaths=/var/lib/polyplex
ProtectHome=yes
PrivateTmp=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictSUIDSGID=yes
`;

export function backupFiles(stack: MachineStack, machine: Machine): readonly MachineFile[] {
  const { backups } = stack;
  const isHere = machine.role === 'all' || (machine.role === 'relay' && machine.index === 0);
  if (backups === undefined || !isHere) return [];
  const root = { owner: 'root:root' };
  return [
    { ...root, path: '/usr/local/bin/polyplex-backup', mode: '755', content: script(machine, backups.keep, backups.remote) },
    { ...root, path: '/etc/systemd/system/polyplex-backup.service', mode: '644', content: SERVICE },
    { ...root, path: '/etc/systemd/system/polyplex-backup.timer', mode: '644', content: `[Unit]\nDescription=Backup of Polyplex, every night\n\n[Timer]\nOnCalendar=${calendar(backups.schedule)}\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n` },
  ];
}
