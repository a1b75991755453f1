/** Deletes a file from its servers with the sender's description (FDEL, XFTP §8.4). */
import type { FileDescription } from '@polyplex/protocol-xftp';
import { XftpFileError } from './file-error.ts';
import { forReplicas, type ReplicasOutcome } from './for-replicas.ts';
import { ServerLines, type ServerLinesOptions } from './server-lines.ts';

export interface DeleteFileOptions extends ServerLinesOptions {
  /** The sender's. */
  readonly description: FileDescription;
  /** Ends the rest with `CLOSED`. */
  readonly signal?: AbortSignal | undefined;
}

/** Tries every chunk; what could not be deleted is in the outcome. May be repeated. Rejects with `PARTY` for a recipient's description. */
export async function deleteFile(options: DeleteFileOptions): Promise<ReplicasOutcome> {
  const { description, signal } = options;
  if (description.party !== 'sender') throw new XftpFileError('PARTY', 'this description is a recipient\'s: only the sender\'s can delete the file');
  const lines = new ServerLines(options);
  try {
    const replicas = description.chunks.flatMap(({ replicas: all }, i) => all.map((replica) => ({ no: i + 1, replica })));
    return await forReplicas(replicas, { lines, signal }, (client, { replica: { replicaId, replicaKey } }, each) =>
      client.deleteChunk({ id: replicaId, key: replicaKey }, { signal: each }));
  } finally {
    lines.close();
  }
}
