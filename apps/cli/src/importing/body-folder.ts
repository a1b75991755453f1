/** The folder in which the reference keeps bodies, each a file called by its record's id. */
import { accessSync, constants, statSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BodySource } from '@polyplex/store-transfer';
import { CliError } from '../report-failure.ts';

const PIECE_BYTES = 256 * 1024;

/** Throws `CliError` FILES when the folder is not there or cannot be read. */
export function bodyFolder(folder: string): BodySource {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw new CliError('FILES', `${folder} is no folder: it is to be the one of the bodies (FILES.path of file-server.ini)`);
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw new CliError('FILES', `${folder} cannot be read: do this as a user who may`, { cause: error });
  }
  return {
    open: async (name) => {
      const size = await sizeOf(join(folder, name));
      return size === null ? null : { size, pieces: piecesOf(join(folder, name)) };
    },
  };
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? stats.size : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Opened when it is first asked for, since nobody closes what was never begun; each piece is good until the next one. */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path);
  try {
    const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
