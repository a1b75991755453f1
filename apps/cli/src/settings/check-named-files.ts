/** Reads what settings name, as a start would: certificates, keys, passwords. */
import { allOf } from '@polyplex/node';
import { readBotFiles } from 'directory-bot';
import { readPushProxyFiles } from 'ntf-server';
import { readNodeFiles } from 'smp-server';
import { readFileServerFiles } from 'xftp-server';
import { findIdentity } from '../setup/identity-files.ts';
import { hasOwnIdentity, SETUPS } from '../setup/server-setup.ts';
import type { PolyplexConfig } from './polyplex-config.ts';
import { runsBot, serversOf } from './servers.ts';

/** Throws `NodeError` or `ConfigError` with all that is wrong. */
export function checkNamedFiles(configDir: string, config: PolyplexConfig): void {
  const on = serversOf(config);
  allOf({
    smp: () => (on.includes('smp') ? readNodeFiles(config) : null),
    xftp: () => (on.includes('xftp') && !startMakesFileServer(configDir, config) ? readFileServerFiles(config) : null),
    ntf: () => (on.includes('ntf') ? readPushProxyFiles(config) : null),
    bot: () => (runsBot(config) ? readBotFiles(config) : null),
  });
}

/** Beside a relay that is there; without one, a missing file server is as wrong as a missing relay. */
function startMakesFileServer(configDir: string, config: PolyplexConfig): boolean {
  const isThere = findIdentity(SETUPS.xftp.folder(configDir)).state !== 'none';
  return serversOf(config).includes('smp') && hasOwnIdentity(configDir, config, 'xftp') && !isThere;
}
