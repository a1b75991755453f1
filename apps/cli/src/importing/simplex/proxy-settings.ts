/** Section PROXY (SMP §9.2): how the relay reaches others. */
import { readHostPort } from '@polyplex/node';
import type { IniFile } from '../ini-file.ts';
import type { TakenPart } from './taken-part.ts';

const SOCKS_PASSWORD_FILE = 'socks-password';
const DEFAULT_SOCKS = { host: '127.0.0.1', port: '9050' } as const;

export function proxyOf(ini: IniFile): TakenPart {
  const socks = socksOf(ini);
  const entries: readonly (readonly [string, unknown])[] = [
    ['hostMode', ini.read('PROXY.host_mode', 'public or onion', (text) => (text === 'public' || text === 'onion' ? text : null))],
    ['requiredHostMode', ini.toggle('PROXY.required_host_mode')],
    ['socksMode', ini.read('PROXY.socks_mode', 'onion or always', (text) => (text === 'onion' || text === 'always' ? text : null))],
    ['forwardsPerClient', ini.count('PROXY.client_concurrency')],
  ];
  return { ...socks, settings: { ...Object.fromEntries(entries.filter(([, value]) => value !== null)), ...socks.settings } };
}

/** `[user:password@]host:port`, of which host or port may be missing. */
function socksOf(ini: IniFile): TakenPart {
  const text = ini.text('PROXY.socks_proxy');
  if (text === null) return { settings: {} };
  const [, user, password, host, port] = /^(?:([^:@]*):([^@]*)@)?(\[[^\]]*\]|[^:@[\]]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const socksProxy = `${host || DEFAULT_SOCKS.host}:${port ?? DEFAULT_SOCKS.port}`;
  if (host === undefined || readHostPort(socksProxy) === null) return { settings: {}, others: ['PROXY.socks_proxy'] };
  if (!user || !password) return { settings: { socksProxy } };
  return {
    settings: { socksProxy, socksUser: user, socksPasswordFile: SOCKS_PASSWORD_FILE },
    files: [{ name: SOCKS_PASSWORD_FILE, content: `${password}\n`, of: 'password than PROXY.socks_proxy' }],
  };
}
