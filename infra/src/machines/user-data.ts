/** What a machine is told at its birth: nothing secret, since any program on it can ask the cloud for it again. */
import { stringify } from 'yaml';
import type { Machine } from './plan.ts';

export function userData(machine: Machine): string {
  return `#cloud-config\n${stringify({
    hostname: machine.name,
    package_update: true,
    packages: ['ca-certificates', 'curl', 'unattended-upgrades'],
    ssh_pwauth: false,
    disable_root: false,
    write_files: [
      { path: '/etc/ssh/sshd_config.d/60-polyplex.conf', permissions: '0644', content: 'PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nX11Forwarding no\n' },
      { path: '/etc/sysctl.d/60-polyplex.conf', permissions: '0644', content: 'net.core.somaxconn = 4096\nnet.ipv4.tcp_max_syn_backlog = 8192\n' },
    ],
    runcmd: [['systemctl', 'reload', 'ssh'], ['sysctl', '--quiet', '--system']],
  }, { lineWidth: 0 })}`;
}
