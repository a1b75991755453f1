/** A file of which any part can be read. */
import { open } from 'node:fs/promises';
import { type FileParts, OldServerError } from '@polyplex/store-transfer';
import { fileFailure } from '../../moving/failures.ts';

export interface OpenedParts extends FileParts {
  close(): Promise<void>;
}

/** Rejects with `CliError` FILES; reading, with `OldServerError` where the file has become shorter. */
export async function openParts(path: string): Promise<OpenedParts> {
  const handle = await open(path).catch((error: unknown) => Promise.reject(fileFailure(path, 'read', error)));
  return {
    read: async (at, bytes) => {
      const buffer = Buffer.allocUnsafe(bytes);
      for (let have = 0; have < bytes;) {
        const { bytesRead } = await handle.read(buffer, have, bytes - have, at + have);
        if (bytesRead === 0) throw new OldServerError('CHANGED', 'the file has become shorter');
        have += bytesRead;
      }
      return buffer;
    },
    close: () => handle.close(),
  };
}
