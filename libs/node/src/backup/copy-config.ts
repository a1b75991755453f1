/**
 * The configuration folder as part of a backup: settings, certificates, keys, passwords. The CA's private key never is: a
 * server runs without it, and it is to be on another machine anyway.
 */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NodeError } from '../node-error.ts';
import { copyDurably, filesIn, flush, makeFolder } from './durable-files.ts';

const CA_FOLDER = /(^|\/)ca$/;
const CA_CERTIFICATE = /(^|\/)ca\/ca\.crt$/;
const IN_CA_FOLDER = /(^|\/)ca\//;
const CA_KEY = /(^|\/)ca\.key/;
/** Such a folder holds a dozen small files. */
const [MAX_FILES, MAX_FILE_BYTES] = [500, 4 * 1024 * 1024];

/** `except`: absolute paths of folders and files that are others', such as the data. */
export async function copyConfig(from: string, to: string, except: readonly string[]): Promise<void> {
  const isWanted = (path: string): boolean => !except.includes(join(from, path)) && !isCaSecret(path);
  const files = await filesIn(from, isWanted);
  if (files.length > MAX_FILES) throw new NodeError('STORAGE', `there are more than ${String(MAX_FILES)} files in the configuration folder: move what is not part of it, or set backup.config to false`);
  const folders = new Set([to]);
  await makeFolder(to);
  for (const path of files) {
    if ((await stat(join(from, path))).size > MAX_FILE_BYTES) throw new NodeError('STORAGE', `${join(from, path)} is too large for a file of the configuration: move it elsewhere, or set backup.config to false`);
    const folder = dirname(join(to, path));
    folders.add(folder);
    await makeFolder(folder);
    await copyDurably(join(from, path), join(to, path));
  }
  for (const folder of folders) await flush(folder);
}

function isCaSecret(path: string): boolean {
  if (CA_KEY.test(path)) return true;
  return IN_CA_FOLDER.test(path) && !CA_FOLDER.test(path) && !CA_CERTIFICATE.test(path);
}
