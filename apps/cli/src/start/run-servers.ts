/** The servers of one process: started one after the other, reloaded and stopped together. */
import type { Service } from '@polyplex/nest';
import { allOf, type NodeLog, ProcessFleet } from '@polyplex/node';
import type { LogControl, Logger } from '@polyplex/telemetry';
import { createBotNode, readBotFiles } from 'directory-bot';
import { createNtfNode, readPushProxyFiles } from 'ntf-server';
import { createSmpNode, readNodeFiles } from 'smp-server';
import { createXftpNode, readFileServerFiles } from 'xftp-server';
import { ownServer } from '../server-addresses.ts';
import type { PolyplexConfig } from '../settings/polyplex-config.ts';
import { runsBot, type ServerName, serversOf } from '../settings/servers.ts';
import { VERSION } from '../version.ts';

interface RunningNode extends Service {
  readonly endpoints: readonly { readonly kind: string; readonly host: string; readonly port: number }[];
  readonly adminUrl: string;
  readonly storePlace: string;
  readonly warnings: readonly string[];
  /** What else users or operators may want to know of it, by label. */
  readonly facts?: readonly (readonly [label: string, value: string])[];
}

export interface RunningServer {
  readonly name: ServerName;
  readonly node: RunningNode;
}

export interface RunningBot extends RunningNode {
  /** What people connect to. */
  readonly address: string;
}

export interface RunningServers extends Service {
  readonly servers: readonly RunningServer[];
  readonly bot: RunningBot | null;
}

interface StartDeps {
  readonly log: Logger;
  readonly logControl: LogControl;
  readonly version: string;
  readonly configFolder: string;
  readonly fleet: ProcessFleet;
}

type Start = (config: PolyplexConfig, deps: StartDeps) => Promise<RunningNode>;

const STARTS: Readonly<Record<ServerName, Start>> = { smp: createSmpNode, xftp: createXftpNode, ntf: createNtfNode };
const READS: Readonly<Record<ServerName, (config: PolyplexConfig) => unknown>> = { smp: readNodeFiles, xftp: readFileServerFiles, ntf: readPushProxyFiles };

/** Starts those that are on; when one cannot start, stops the others and rejects as it does. */
export async function runServers(config: PolyplexConfig, configFolder: string, log: NodeLog): Promise<RunningServers> {
  const names = serversOf(config);
  const checkFiles = (): unknown => allOf({
    ...Object.fromEntries(names.map((name) => [name, () => READS[name](config)])),
    ...(runsBot(config) ? { bot: () => readBotFiles(config) } : {}),
  });
  const servers: RunningServer[] = [];
  let bot: RunningBot | null = null;
  const fleet = new ProcessFleet();
  const stop = async (): Promise<void> => {
    // It is a client of the others.
    await bot?.stop();
    await Promise.all(servers.map(({ node }) => node.stop()));
  };
  // All that is wrong with files is said at once, before anything is opened.
  checkFiles();
  try {
    for (const name of names) servers.push({ name, node: await STARTS[name](config, { log, logControl: log.control, version: VERSION, configFolder, fleet }) });
    if (runsBot(config)) {
      const own = { ownRelay: ownServer(config, 'smp', servers), ownFileServer: ownServer(config, 'xftp', servers) };
      bot = await createBotNode(config, { log, logControl: log.control, version: VERSION, fleet, ...own });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    servers,
    bot,
    stop,
    async reload() {
      // Before the first takes its new files, those of the others must be right too: all change or none.
      checkFiles();
      for (const { node } of servers) await node.reload();
    },
  };
}
