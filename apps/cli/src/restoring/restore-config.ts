/** Settings, keys and passwords of a backup, put where there are none. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { equalBytes, fromBase64Url } from '@polyplex/base';
import { CONFIG_FOLDER, copyDurably, flush, makeFolder, type Manifest, NodeError, readIdentity } from '@polyplex/node';
import { type ConfigFlags, configFolder, loadSettings } from '../config-options.ts';
import { CliError } from '../report-failure.ts';
import { NOUNS } from '../settings/servers.ts';
import { SETUPS } from '../setup/server-setup.ts';
import { staged } from './staged-folder.ts';

/** `restored`: put there; `kept`: there was one, and it stays; `none`: there is none in the backup. */
export type ConfigOutcome = 'restored' | 'kept' | 'none';

export async function restoreConfig(backup: string, { files }: Manifest, flags: ConfigFlags): Promise<ConfigOutcome> {
  const parts = files.filter(({ path }) => path.startsWith(`${CONFIG_FOLDER}/`)).map(({ path }) => path.slice(CONFIG_FOLDER.length + 1));
  if (parts.length === 0) return 'none';
  const folder = configFolder(flags);
  if (existsSync(folder) && readdirSync(folder).length > 0) return 'kept';
  await staged(folder, async (stage) => {
    const folders = new Set([stage]);
    for (const path of parts) {
      const target = join(stage, path);
      folders.add(dirname(target));
      await makeFolder(dirname(target));
      await copyDurably(join(backup, CONFIG_FOLDER, path), target);
    }
    for (const each of folders) await flush(each);
  });
  return 'restored';
}

/** Throws `CliError` FILES where clients of the server that was backed up would not know this one again. */
export function checkIdentity({ server, fingerprint }: Manifest, flags: ConfigFlags): void {
  const config = loadSettings({ ...flags, only: server }).values;
  const setup = SETUPS[server];
  const advice = `put those of the ${NOUNS[server]} there that was backed up, or use --other-identity if its clients shall lose what they have`;
  const expected = fromBase64Url(fingerprint);
  try {
    const found = readIdentity(setup.identity(config), setup.section).fingerprint;
    if (expected !== null && equalBytes(found, expected)) return;
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    throw new CliError('FILES', `the certificates and keys of the ${NOUNS[server]} are not in the backup, and not where they belong (${error.message}): ${advice}`, { cause: error });
  }
  throw new CliError('FILES', `the ${NOUNS[server]} of ${configFolder(flags)} has another address than the one that was backed up: ${advice}`);
}
