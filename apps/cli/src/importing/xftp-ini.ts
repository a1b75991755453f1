/** The settings of the reference's file server (XFTP §7.2) that have a counterpart in `polyplex.yaml`. */
import { formatSize } from '@polyplex/config';
import { type IniFile, readIni } from './ini-file.ts';
import type { SettingsPiece } from './settings-piece.ts';

export interface OldSettings {
  readonly piece: SettingsPiece;
  /** For creating files; null for none. */
  readonly password: string | null;
  /** Folder of the bodies; null where it is not given. */
  readonly filesFolder: string | null;
  /** Whether records are in PostgreSQL, and the log may be old or missing. */
  readonly isInDatabase: boolean;
  /** Names of what is given and has no counterpart here. */
  readonly others: readonly string[];
}

/** In the configuration folder. */
export const FILE_PASSWORD_FILE = 'xftp/password';

const UNITS: Readonly<Record<string, number>> = { '': 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** What is taken, or means nothing elsewhere. */
const KNOWN: readonly string[] = [
  'STORE_LOG.enable', 'STORE_LOG.store_files', 'STORE_LOG.expire_files_hours', 'STORE_LOG.log_stats', 'AUTH.new_files', 'AUTH.create_password', 'TRANSPORT.host',
  'TRANSPORT.port', 'FILES.path', 'FILES.storage_quota', 'INACTIVE_CLIENTS.disconnect', 'INACTIVE_CLIENTS.ttl', 'INACTIVE_CLIENTS.check_interval',
  'WEB.static_path',
];

/** Throws `CliError` FILES for what the reference would not start with. */
export function readXftpIni(path: string): OldSettings {
  const ini = readIni(path);
  const password = ini.text('AUTH.create_password');
  return {
    piece: pieceOf(ini, password),
    password,
    filesFolder: ini.text('FILES.path'),
    isInDatabase: ini.text('STORE_LOG.store_files') === 'database',
    others: [...ini.values.keys()].filter((name) => !KNOWN.includes(name) && !(isOff(ini, name))),
  };
}

function isOff(ini: IniFile, name: string): boolean {
  return ['off', ''].includes(ini.values.get(name) ?? '');
}

function pieceOf(ini: IniFile, password: string | null): SettingsPiece {
  const hosts = ini.text('TRANSPORT.host')?.split(',').map((host) => host.trim());
  const port = ini.count('TRANSPORT.port');
  const quota = ini.read('FILES.storage_quota', 'a size such as 10gb', sizeOf);
  const hours = ini.count('STORE_LOG.expire_files_hours');
  const newFiles = ini.toggle('AUTH.new_files');
  const daily = ini.toggle('STORE_LOG.log_stats');
  const sections = {
    xftpAddress: hosts === undefined ? {} : { hosts },
    xftpStorage: quota === null ? {} : { quota: formatSize(quota) },
    xftpListen: port === null ? {} : { ports: [port] },
    // A password of the relay beside it would count for a file server that had none.
    xftpAccess: { ...(newFiles === null ? {} : { newFiles }), ...(password === null ? { open: true } : { passwordFile: FILE_PASSWORD_FILE }) },
    xftpFiles: hours === null ? {} : { expireAfter: `${hours}h` },
    xftpInactiveClients: inactiveClients(ini),
    statistics: daily === null ? {} : { daily },
  };
  return Object.fromEntries(Object.entries(sections).filter(([, settings]) => Object.keys(settings).length > 0));
}

function inactiveClients(ini: IniFile): SettingsPiece[string] {
  const disconnect = ini.toggle('INACTIVE_CLIENTS.disconnect');
  if (disconnect !== true) return disconnect === null ? {} : { disconnect };
  const [ttl, interval] = [ini.count('INACTIVE_CLIENTS.ttl'), ini.count('INACTIVE_CLIENTS.check_interval')];
  return { disconnect, ...(ttl === null ? {} : { expireAfter: `${ttl}s` }), ...(interval === null ? {} : { checkInterval: `${interval}s` }) };
}

/** Bytes (XFTP §1.2); null for anything else. */
function sizeOf(text: string): number | null {
  const [, digits, unit] = /^(\d{1,12})(kb|mb|gb|)$/.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit ?? ''] ?? NaN);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
