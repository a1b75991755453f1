/** What an operator may do to a file, which is named by the id of one of its recipients (XFTP §5.7, §7.5). */
import type { BlockingInfo } from '@polyplex/protocol-common';
import type { FileServer } from './context.ts';
import { removeBody } from './remove-body.ts';

export interface FileControl {
  /** Deletes the body and keeps the record as blocked until it expires; blocked already: the new info. False: no such file. */
  block(recipientId: Uint8Array, info: BlockingInfo): Promise<boolean>;
  /** Makes a blocked file active again, for its sender to upload anew: the body that it had is gone. False: no such file. */
  unblock(recipientId: Uint8Array): Promise<boolean>;
  /** Removes the file with all its recipients, as its sender would. False: no such file. */
  remove(recipientId: Uint8Array): Promise<boolean>;
}

export function fileControl(server: FileServer): FileControl {
  const { files, stats } = server;
  const senderIdOf = async (recipientId: Uint8Array): Promise<Uint8Array | null> =>
    recipientId.length === 0 ? null : ((await files.find('recipient', recipientId))?.file.senderId ?? null);
  return {
    async block(recipientId, info) {
      const senderId = await senderIdOf(recipientId);
      const blocked = senderId === null ? null : await files.block(senderId, info);
      if (blocked === null) return false;
      stats.filesBlocked.add();
      await removeBody(server, blocked.bodyId);
      return true;
    },
    async unblock(recipientId) {
      const senderId = await senderIdOf(recipientId);
      return senderId !== null && files.unblock(senderId);
    },
    async remove(recipientId) {
      const senderId = await senderIdOf(recipientId);
      const removed = senderId === null ? null : await files.remove(senderId);
      if (removed === null) return false;
      stats.filesDeleted.add();
      await removeBody(server, removed.bodyId);
      return true;
    },
  };
}
