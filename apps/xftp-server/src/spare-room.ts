/**
 * Stores that leave room on the disk: what would take more than there is to spare is answered as if a quota were reached,
 * before its first byte, so that files never take the room that the relay, logs and the system of the same machine need.
 */
import type { ChunkStore, FileStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';

interface Stores {
  readonly files: FileStore;
  readonly chunks: ChunkStore;
}

/** Bodies under way count as taken whole, since the rest of them comes after the disk was asked. */
export function sparingRoom({ files, chunks }: Stores, reserveBytes: number, log: Logger): Stores {
  let underWay = 0;
  let isFull = false;
  const room = async (): Promise<number | null> => {
    const free = await chunks.room();
    return free === null ? null : Math.max(0, free - reserveBytes - underWay);
  };
  /** An operator hears of it once, not with each upload. */
  const tell = (nowFull: boolean): void => {
    if (nowFull && !isFull) log.warn('uploads are refused: the disk has no more free space than xftpStorage.reserve');
    if (!nowFull && isFull) log.info('there is room on the disk again: uploads are accepted');
    isFull = nowFull;
  };
  return {
    files: {
      ...files,
      async beginUpload(senderId, bodyId, options) {
        // A disk that does not tell its room is missing: what is wrong, the write says.
        const [left, { bytes }] = await Promise.all([room().catch(() => null), files.usage()]);
        if (left === null) return files.beginUpload(senderId, bodyId, options);
        const byRoom = bytes + left;
        const begun = await files.beginUpload(senderId, bodyId, { ...options, quota: Math.min(options.quota ?? byRoom, byRoom) });
        tell(begun === 'quota' && byRoom < (options.quota ?? Infinity));
        return begun;
      },
    },
    chunks: {
      ...chunks,
      room,
      async write(bodyId, body, signal) {
        underWay += body.size;
        await chunks.write(bodyId, body, signal).finally(() => {
          underWay -= body.size;
        });
      },
    },
  };
}
