/** Ports that two servers of one machine would both listen on: said before anything starts. */
import type { Problem } from '@polyplex/config';
import type { BotConfig } from 'directory-bot';
import type { NtfConfig } from 'ntf-server';
import type { SmpConfig } from 'smp-server';
import type { XftpConfig } from 'xftp-server';
import { SERVICE_NOUNS, type ServiceName } from './servers.ts';

interface Listening {
  readonly setting: string;
  readonly host: string | null;
  readonly port: number | null;
}

type AllConfigs = SmpConfig & XftpConfig & NtfConfig & BotConfig;

const LISTENING: Readonly<Record<ServiceName, (config: AllConfigs) => Listening[]>> = {
  smp: ({ listen, admin }) => {
    const { host } = listen;
    return [
      ...listen.ports.map((port) => ({ setting: 'listen.ports', host, port })),
      { setting: 'listen.sharedPort', host, port: listen.sharedPort },
      { setting: 'listen.webSocketPort', host, port: listen.webSocketPort },
      { setting: 'admin.port', host: admin.host, port: admin.port },
    ];
  },
  xftp: ({ xftpListen, xftpAdmin }) => portsOf('xftp', xftpListen, xftpAdmin),
  ntf: ({ ntfListen, ntfAdmin }) => portsOf('ntf', ntfListen, ntfAdmin),
  bot: ({ botWeb, botAdmin }) => [
    ...(botWeb.enabled ? [{ setting: 'botWeb.port', host: botWeb.host, port: botWeb.port }] : []),
    { setting: 'botAdmin.port', host: botAdmin.host, port: botAdmin.port },
  ],
};

interface Ports {
  readonly host: string | null;
  readonly ports: readonly number[];
}

function portsOf(prefix: 'xftp' | 'ntf', { host, ports }: Ports, admin: { readonly host: string; readonly port: number }): Listening[] {
  return [...ports.map((port) => ({ setting: `${prefix}Listen.ports`, host, port })), { setting: `${prefix}Admin.port`, host: admin.host, port: admin.port }];
}

const ALL: readonly (string | null)[] = [null, '0.0.0.0', '::'];

/** Two addresses of one machine may each have the port. */
function collide(one: Listening, other: Listening): boolean {
  const sameHost = one.host === other.host || ALL.includes(one.host) || ALL.includes(other.host);
  return one.port !== null && one.port !== 0 && one.port === other.port && sameHost;
}

/** `on`: what runs. Each conflict is that of the later one. */
export function portConflicts(config: AllConfigs, on: readonly ServiceName[]): Problem[] {
  return on.flatMap((name, i) => on.slice(0, i).flatMap((earlier) => conflicts(config, name, earlier)));
}

function conflicts(config: AllConfigs, name: ServiceName, earlier: ServiceName): Problem[] {
  const others = LISTENING[earlier](config);
  return LISTENING[name](config).flatMap((one) => others.filter((other) => collide(one, other)).map((other) => ({
    setting: one.setting,
    message: `port ${String(one.port)} is that of ${other.setting} too: give ${SERVICE_NOUNS[earlier]} and ${SERVICE_NOUNS[name]} ports, or addresses, of their own`,
    source: null,
  })));
}
