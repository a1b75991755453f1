/** Which servers a configuration is for, and the section that says so. */
import { existsSync } from 'node:fs';
import { choice, section } from '@polyplex/config';

export { ADMIN_SECTIONS } from '@polyplex/node';

/** The relay, the file server and the push proxy, by the scheme of their addresses. */
export const SERVER_NAMES = ['smp', 'xftp', 'ntf'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** What `start` runs: servers, and the directory bot, which is a client of theirs. */
export const SERVICE_NAMES = [...SERVER_NAMES, 'bot'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** In an operator's words. */
export const NOUNS: Readonly<Record<ServerName, string>> = { smp: 'relay', xftp: 'file server', ntf: 'push proxy' };
/** The same, the bot included. */
export const SERVICE_NOUNS: Readonly<Record<ServiceName, string>> = { ...NOUNS, bot: 'directory bot' };
export const TITLES: Readonly<Record<ServerName, string>> = { smp: 'SMP relay', xftp: 'XFTP file server', ntf: 'NTF push proxy' };
/** "a", "a and b", "a, b and c". */
export function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)!}`;
}

export const servers = section('Which servers `polyplex start` runs.', {
  run: choice({
    of: ['auto', 'all', ...SERVICE_NAMES], default: 'auto',
    describe: '`smp`: the relay alone. `xftp`: the file server alone. `ntf`: the push proxy alone. `bot`: the directory bot alone. `all`: relay and file server. `auto`: both, but the relay alone where it is one of many nodes (`storage.engine`) and the file server is not made for many (`xftpStorage.engine`), since each node would have files of its own.',
  }),
  push: choice({
    of: ['auto', 'on', 'off'], default: 'auto',
    describe: 'Whether the push proxy runs beside what `run` says. `auto`: beside `auto` and `all`, where `polyplex init --push` has made one.',
  }),
  bot: choice({
    of: ['auto', 'on', 'off'], default: 'auto',
    describe: 'Whether the directory bot runs beside what `run` says, in one process of all. `auto`: beside `auto` and `all`, where `polyplex bot init` has made one.',
  }),
});

type Wish = 'auto' | 'on' | 'off';

export interface WhichServers {
  readonly servers: { readonly run: 'auto' | 'all' | ServiceName; readonly push: Wish; readonly bot: Wish };
  readonly storage: { readonly engine: string };
  readonly xftpStorage: { readonly engine: string };
  readonly ntfIdentity: { readonly certificateFile: string };
  readonly bot: { readonly keyFile: string };
}

/** Whether `auto` leaves the file server out. */
export function isLeftOut({ servers: { run }, storage, xftpStorage }: WhichServers): boolean {
  return run === 'auto' && storage.engine !== 'embedded' && xftpStorage.engine === 'embedded';
}

/** Whether what may run beside others does. */
function isBeside({ run }: WhichServers['servers'], wish: Wish, file: string): boolean {
  return wish === 'on' || (wish === 'auto' && (run === 'auto' || run === 'all') && existsSync(file));
}

function pushes({ servers, ntfIdentity }: WhichServers): boolean {
  return servers.run === 'ntf' || isBeside(servers, servers.push, ntfIdentity.certificateFile);
}

/** Whether the directory bot is on. */
export function runsBot({ servers, bot }: WhichServers): boolean {
  return servers.run === 'bot' || isBeside(servers, servers.bot, bot.keyFile);
}

/** Those that are on, the relay first. */
export function serversOf(config: WhichServers): readonly ServerName[] {
  const { run } = config.servers;
  const on: Readonly<Record<ServerName, boolean>> = {
    smp: run === 'auto' || run === 'all' || run === 'smp',
    xftp: (run === 'auto' || run === 'all' || run === 'xftp') && !isLeftOut(config),
    ntf: pushes(config),
  };
  return SERVER_NAMES.filter((name) => on[name]);
}

/** The same with the directory bot, the last. */
export function servicesOf(config: WhichServers): readonly ServiceName[] {
  return [...serversOf(config), ...(runsBot(config) ? ['bot' as const] : [])];
}

/** Settings by which those alone are on. */
export function onlySettings(only: ServiceName): string[] {
  return [`servers.run=${only}`, ...(only === 'ntf' ? [] : ['servers.push=off']), ...(only === 'bot' ? [] : ['servers.bot=off'])];
}
