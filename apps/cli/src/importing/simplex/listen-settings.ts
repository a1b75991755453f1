/** Ports, the web certificate, and the port in the address: TRANSPORT and WEB (SMP §2.7, §9.2). */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readText } from '../../read-text.ts';
import type { TakenSettings } from '../import-settings.ts';
import type { IniFile } from '../ini-file.ts';
import type { TakenPart } from './taken-part.ts';

const WEB_FILES = { certificate: 'web.crt', key: 'web.key' } as const;
/** `websockets = on`. */
const WEB_SOCKET_PORT = 80;
const MAX_PORT = 65_535;

/** A port with web certificate serves pages and SMP; the reference can serve pages alone on one, we add SMP to it. */
export function listenOf(ini: IniFile): Readonly<Record<'listen' | 'address', TakenPart>> {
  const wanted = portsOf(ini, 'TRANSPORT.port') ?? [];
  const pages = pagesOf(ini);
  const ports = wanted.filter((port) => port !== pages.settings['sharedPort']);
  const webSockets = webSocketsOf(ini);
  // The address has the first port, wherever that is listened on.
  const address = wanted[0] === ports[0] ? {} : { port: wanted[0] };
  return {
    listen: {
      settings: { ...(wanted.length === 0 ? {} : { ports }), ...pages.settings, ...webSockets.settings },
      others: [...pages.others, ...webSockets.others], files: pages.files,
    },
    address: { settings: address },
  };
}

function pagesOf(ini: IniFile): Required<TakenPart> {
  const sharedPort = ini.count('WEB.https');
  if (sharedPort === null) return { settings: {}, files: [], others: [] };
  const files = webFilesOf(ini);
  if (files === null) return { settings: {}, files: [], others: ['WEB.https (its certificate cannot be found)'] };
  return { settings: { sharedPort, webCertificateFile: WEB_FILES.certificate, webKeyFile: WEB_FILES.key }, files, others: [] };
}

/** We listen on one. */
function webSocketsOf(ini: IniFile): Required<TakenPart> {
  const [webSocketPort, ...more] = webSocketPortsOf(ini);
  return { settings: webSocketPort === undefined ? {} : { webSocketPort }, files: [], others: more.map((port) => `TRANSPORT.websockets ${port}`) };
}

function portsOf(ini: IniFile, name: string): readonly number[] | null {
  return ini.read(name, 'a list of ports', (text) => {
    const ports = text.split(',').map((each) => Number(each.trim()));
    return ports.every((port) => Number.isInteger(port) && port > 0 && port <= MAX_PORT) ? ports : null;
  });
}

function webSocketPortsOf(ini: IniFile): readonly number[] {
  const text = ini.text('TRANSPORT.websockets');
  if (text === null || text === 'off') return [];
  return text === 'on' ? [WEB_SOCKET_PORT] : (portsOf(ini, 'TRANSPORT.websockets') ?? []);
}

/** Null where there are none. */
function webFilesOf(ini: IniFile): TakenSettings['files'] | null {
  const [certificate, key] = [found(ini, 'WEB.cert', WEB_FILES.certificate), found(ini, 'WEB.key', WEB_FILES.key)];
  if (certificate === null || key === null) return null;
  return [
    { name: WEB_FILES.certificate, content: readText(certificate), of: 'certificate than WEB.cert' },
    { name: WEB_FILES.key, content: readText(key), of: 'key than WEB.key' },
  ];
}

/** Where the settings say, or, in a copy of the folder, beside them. */
function found(ini: IniFile, name: string, fallback: string): string | null {
  const path = ini.text(name) ?? fallback;
  return [path, join(dirname(ini.path), basename(path))].find((each) => existsSync(each)) ?? null;
}
