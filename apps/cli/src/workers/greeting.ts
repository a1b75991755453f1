/** What `polyplex start --workers` says when all workers are ready. */
import { tokenStorePlace } from 'ntf-server';
import { storePlace } from 'smp-server';
import { fileStorePlace } from 'xftp-server';
import { addressOf } from '../server-addresses.ts';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { type ServerName, serversOf } from '../settings/servers.ts';
import { addressLines, type GreetingOptions, READY_LINE, titleLine } from '../start/greeting.ts';
import type { Workers } from './start-workers.ts';

const FACTS: Readonly<Record<ServerName, {
  readonly port: (config: PolyplexConfig) => number | null | undefined;
  readonly adminHost: (config: PolyplexConfig) => string;
  readonly place: (config: PolyplexConfig) => string;
}>> = {
  smp: { port: ({ listen }) => listen.ports[0] ?? listen.sharedPort, adminHost: ({ admin }) => admin.host, place: storePlace },
  xftp: { port: ({ xftpListen }) => xftpListen.ports[0], adminHost: ({ xftpAdmin }) => xftpAdmin.host, place: fileStorePlace },
  ntf: { port: ({ ntfListen }) => ntfListen.ports[0], adminHost: ({ ntfAdmin }) => ntfAdmin.host, place: tokenStorePlace },
};

export async function workersGreeting(config: PolyplexConfig, { adminPorts }: Pick<Workers, 'adminPorts'>, { qr, withPassword, notes }: GreetingOptions & { readonly notes: readonly string[] }): Promise<string> {
  const names = serversOf(config);
  const parts = await Promise.all(names.map(async (name) => {
    const { port, adminHost, place } = FACTS[name];
    const address = addressOf(config, name, { withPassword, boundPort: port(config) ?? undefined });
    return [
      ...(await addressLines(name, address, { qr, isOneOfSeveral: names.length > 1 })),
      ...adminPorts[name].map((each, i) => `  Admin ${String(i + 1).padEnd(8)}http://${adminHost(config)}:${each === 0 ? '(any free port)' : String(each)}/`),
      `  Data          ${place(config)}`,
    ];
  }));
  const count = Math.max(...names.map((name) => adminPorts[name].length));
  return [`${titleLine(names)}, ${String(count)} workers`, ...parts.flat(), ...notes.map((note) => `  Note          ${note}`), READY_LINE, ''].join('\n');
}
