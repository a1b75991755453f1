/** The settings of the reference's relay (SMP §9.2) that have a counterpart in `polyplex.yaml`. */
import { PASSWORD_FILE } from '../../setup/initialise.ts';
import type { TakenSettings } from '../import-settings.ts';
import { type IniFile, readIni } from '../ini-file.ts';
import type { SettingsPiece } from '../settings-piece.ts';
import { informationOf } from './information.ts';
import { listenOf } from './listen-settings.ts';
import { proxyOf } from './proxy-settings.ts';
import type { TakenPart } from './taken-part.ts';

/** Where a relay of the reference keeps what it keeps. */
export interface OldStore {
  /** Whether there is a log at all. */
  readonly isLogged: boolean;
  readonly queues: 'memory' | 'database';
  readonly messages: 'memory' | 'journal' | 'database';
  /** Whether messages in memory are saved when the relay stops. */
  readonly savesMessages: boolean;
}

export interface OldRelay extends TakenSettings {
  readonly store: OldStore;
}

type Reader = (ini: IniFile, name: string) => unknown;

const toggle: Reader = (ini, name) => ini.toggle(name);
const list: Reader = (ini, name) => ini.text(name)?.split(',').map((each) => each.trim()) ?? null;
const words: Reader = (ini, name) => ini.text(name)?.split(/\s+/) ?? null;
const integer: Reader = (ini, name) => ini.read(name, 'a whole number', (text) => (/^-?\d{1,9}$/.test(text) ? Number(text) : null));
const inUnits = (unit: string): Reader => (ini, name) => {
  const amount = ini.count(name);
  return amount === null ? null : `${amount}${unit}`;
};

/** Keys that become one setting each. */
const ROWS: readonly (readonly [key: string, setting: string, reader: Reader])[] = [
  ['STORE_LOG.expire_messages_days', 'messages.expireAfter', inUnits('d')],
  ['STORE_LOG.expire_messages_on_start', 'messages.expireOnStart', toggle],
  ['STORE_LOG.expire_messages_on_send', 'messages.expireOnSend', toggle],
  ['STORE_LOG.expire_ntfs_hours', 'notifications.expireAfter', inUnits('h')],
  ['STORE_LOG.log_stats', 'statistics.daily', toggle],
  ['AUTH.new_queues', 'access.newQueues', toggle],
  ['AUTH.daily_block_queue_quota', 'access.dailyBlockQuota', integer],
  ['TRANSPORT.host', 'address.hosts', list],
  ['TRANSPORT.accept_service_credentials', 'access.serviceCredentials', toggle],
  ['PROXY.own_server_domains', 'proxy.ownDomains', words],
];

/** What other readers here take, and what means nothing elsewhere. */
const KNOWN: readonly string[] = [
  'STORE_LOG.enable', 'STORE_LOG.store_queues', 'STORE_LOG.store_messages', 'STORE_LOG.restore_messages',
  'AUTH.create_password', 'TRANSPORT.port', 'TRANSPORT.websockets',
  'PROXY.host_mode', 'PROXY.required_host_mode', 'PROXY.socks_proxy', 'PROXY.socks_mode', 'PROXY.client_concurrency',
  'INACTIVE_CLIENTS.disconnect', 'INACTIVE_CLIENTS.ttl', 'INACTIVE_CLIENTS.check_interval',
  'WEB.static_path', 'WEB.https', 'WEB.cert', 'WEB.key',
];

/** Throws `CliError` FILES for what the reference would not start with. */
export function readSmpIni(path: string): OldRelay {
  const ini = readIni(path);
  const parts: Readonly<Record<string, TakenPart>> = {
    ...listenOf(ini), access: passwordOf(ini), proxy: proxyOf(ini), inactiveClients: { settings: inactiveClientsOf(ini) }, information: informationOf(ini),
  };
  const piece = pieceOf(ini, parts);
  const all = Object.values(parts);
  return {
    server: 'smp', piece, store: storeOf(ini), needed: ['messages.expireAfter', 'notifications.expireAfter'],
    files: all.flatMap(({ files }) => files ?? []),
    others: [...all.flatMap(({ others }) => others ?? []), ...unknownKeys(ini)],
  };
}

function pieceOf(ini: IniFile, parts: Readonly<Record<string, TakenPart>>): SettingsPiece {
  const sections: Record<string, Record<string, unknown>> = {};
  for (const [key, setting, reader] of ROWS) {
    const [section = '', name = ''] = setting.split('.');
    const value = reader(ini, key);
    if (value !== null) (sections[section] ??= {})[name] = value;
  }
  for (const [section, { settings }] of Object.entries(parts)) sections[section] = { ...sections[section], ...settings };
  return Object.fromEntries(Object.entries(sections).filter(([, settings]) => Object.keys(settings).length > 0));
}

function unknownKeys(ini: IniFile): string[] {
  const isTaken = (name: string): boolean => KNOWN.includes(name) || ROWS.some(([key]) => key === name) || name.startsWith('INFORMATION.');
  return [...ini.values].filter(([name, value]) => !isTaken(name) && !['off', ''].includes(value)).map(([name]) => name);
}

function storeOf(ini: IniFile): OldStore {
  const isLogged = ini.toggle('STORE_LOG.enable') ?? false;
  const inMemory = { queues: 'memory', messages: 'memory' } as const;
  return {
    isLogged,
    queues: ini.read('STORE_LOG.store_queues', 'memory or database', (text) => (text === 'memory' || text === 'database' ? text : null)) ?? inMemory.queues,
    messages: ini.read('STORE_LOG.store_messages', 'memory, journal or database', (text) => (text === 'memory' || text === 'journal' || text === 'database' ? text : null)) ?? inMemory.messages,
    savesMessages: ini.toggle('STORE_LOG.restore_messages') ?? isLogged,
  };
}

function passwordOf(ini: IniFile): TakenPart {
  const password = ini.text('AUTH.create_password');
  if (password === null) return { settings: {} };
  return { settings: { passwordFile: PASSWORD_FILE }, files: [{ name: PASSWORD_FILE, content: `${password}\n`, of: 'password than AUTH.create_password' }] };
}

function inactiveClientsOf(ini: IniFile): SettingsPiece[string] {
  const disconnect = ini.toggle('INACTIVE_CLIENTS.disconnect');
  if (disconnect !== true) return disconnect === null ? {} : { disconnect };
  const [ttl, interval] = [ini.count('INACTIVE_CLIENTS.ttl'), ini.count('INACTIVE_CLIENTS.check_interval')];
  return { disconnect, ...(ttl === null ? {} : { expireAfter: `${ttl}s` }), ...(interval === null ? {} : { checkInterval: `${interval}s` }) };
}
