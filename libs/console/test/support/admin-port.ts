/** A real admin port with the console on it, told what to say. */
import type { Fleet, History } from '@polyplex/admin-api';
import { createAdminApp } from '@polyplex/nest';
import { silentLogger } from '@polyplex/telemetry';
import { type ConsoleFiles, readConsoleFiles } from '../../src/index.ts';
import { cleanup } from './cleanup.ts';

export interface Said {
  readonly fleet: () => Fleet;
  readonly history: () => History;
  readonly token?: string;
}

export interface ConsoleServer {
  readonly url: string;
  /** As a server that is gone. */
  stop(): Promise<void>;
  /** Where it was. */
  restart(): Promise<void>;
}

/** As the last build made them. */
export function consoleFiles(): ConsoleFiles {
  const files = readConsoleFiles();
  if (files === null) throw new Error('the tests of the console need its files: npm run build makes them');
  return files;
}

/** `said` may be changed while it runs. */
export async function startConsole(said: Said): Promise<ConsoleServer> {
  const open = (port: number) => createAdminApp({
    host: '127.0.0.1', port, token: said.token ?? null, title: 'Test', page: consoleFiles(), health: { notReady: async () => [] }, metrics: { text: async () => '' },
    overview: async () => said.fleet().nodes[0]!, fleet: async () => said.fleet(), history: () => said.history(), logger: silentLogger, closeGraceMs: 0,
  });
  let app: Awaited<ReturnType<typeof open>> | null = await open(0);
  const { url, port } = app;
  const stop = async (): Promise<void> => {
    await app?.close();
    app = null;
  };
  cleanup(stop);
  return {
    url, stop,
    restart: async () => {
      await stop();
      app = await open(port);
    },
  };
}
