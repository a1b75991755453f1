/**
 * What `polyplex start` says when it is ready. Addresses are what apps and `polyplex check` need, so a first start and a
 * terminal show them whole; what comes after that is mostly read by a log, which shall not keep the password.
 */
import { addressOf, passwordFileOf } from '../server-addresses.ts';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { listed, type ServerName, TITLES } from '../settings/servers.ts';
import { qrText } from '../setup/qr-code.ts';
import { VERSION } from '../version.ts';
import type { RunningBot, RunningServer } from './run-servers.ts';

export interface GreetingOptions {
  readonly qr: boolean;
  readonly withPassword: boolean;
}

const KINDS: Readonly<Record<string, string>> = { smp: 'SMP over TLS', shared: 'SMP and HTTPS', websocket: 'SMP over WebSockets', xftp: 'XFTP over HTTP/2 and TLS', ntf: 'NTF over TLS' };

/** The first line. */
export function titleLine(names: readonly ServerName[]): string {
  return `Polyplex ${VERSION}: ${listed(names.map((name) => TITLES[name]))}`;
}

/** One server's address, as a line and as a QR code; under its title where it is one of several. */
export async function addressLines(name: ServerName, address: string, { qr, isOneOfSeveral }: { readonly qr: boolean; readonly isOneOfSeveral: boolean }): Promise<string[]> {
  return [
    ...(isOneOfSeveral ? ['', TITLES[name]] : []),
    ...(qr ? ['', await qrText(address, process.stdout.isTTY)] : []),
    `  Address       ${address}`,
  ];
}

export const READY_LINE = 'Ready. Ctrl-C stops it.';

interface Running {
  readonly servers: readonly RunningServer[];
  readonly bot: RunningBot | null;
}

export async function greeting(config: PolyplexConfig, { servers, bot }: Running, options: GreetingOptions & { readonly notes: readonly string[] }): Promise<string> {
  const isOneOfSeveral = servers.length > 1;
  const parts = await Promise.all(servers.map((server) => serverLines(config, server, { ...options, isOneOfSeveral })));
  return [
    servers.length === 0 ? `Polyplex ${VERSION}: directory bot` : titleLine(servers.map(({ name }) => name)),
    ...parts.flat(),
    ...(bot === null ? [] : await botLines(bot, options)),
    ...options.notes.map(noteLine),
    READY_LINE,
    '',
  ].join('\n');
}

async function serverLines(config: PolyplexConfig, { name, node }: RunningServer, options: GreetingOptions & { readonly isOneOfSeveral: boolean }): Promise<string[]> {
  const { withPassword } = options;
  const address = addressOf(config, name, { withPassword, boundPort: node.endpoints[0]?.port });
  const hidden = !withPassword && passwordFileOf(config, name) !== null;
  const ports = node.endpoints.map(({ kind, host, port }) => `  Listening     ${host.includes(':') ? `[${host}]` : host}:${String(port)} (${KINDS[kind] ?? kind})`);
  return [
    ...(await addressLines(name, address, options)),
    ...(hidden ? ['  Password      not shown here: see "polyplex address"'] : []),
    ...ports,
    `  Admin         ${node.adminUrl}`,
    `  Data          ${node.storePlace}`,
    ...(node.facts ?? []).map(([label, value]) => `  ${label.padEnd(14)}${value}`),
    ...node.warnings.map(noteLine),
  ];
}

async function botLines({ address, adminUrl, storePlace, facts = [], warnings }: RunningBot, { qr }: GreetingOptions): Promise<string[]> {
  return [
    '',
    'Directory bot',
    ...(qr ? ['', await qrText(address, process.stdout.isTTY)] : []),
    `  Address       ${address}`,
    ...facts.map(([label, value]) => `  ${label.padEnd(14)}${value}`),
    `  Admin         ${adminUrl}`,
    `  Data          ${storePlace}`,
    ...warnings.map(noteLine),
  ];
}

function noteLine(note: string): string {
  return `  Note          ${note}`;
}
