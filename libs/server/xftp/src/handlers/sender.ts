/** FADD and FDEL (XFTP §5.2). */
import { AUTH_ERROR, errorReply, OK } from '@polyplex/protocol-xftp';
import type { FileHandler } from '../context.ts';
import { INTERNAL } from '../failure.ts';
import { ID_ATTEMPTS, newRecipients } from '../new-ids.ts';
import { removeBody } from '../remove-body.ts';
import { takeNewFile } from './new.ts';

export const addRecipients: FileHandler<'FADD'> = async ({ call, file, incoming }) => {
  const { files, stats } = call.server;
  if (!takeNewFile(call)) return { reply: errorReply({ type: 'QUOTA' }) };
  for (let attempt = 0; attempt < ID_ATTEMPTS; attempt++) {
    const recipients = newRecipients(incoming.command.recipientKeys);
    const added = await files.addRecipients(file.senderId, recipients);
    if (added === 'gone') return { reply: errorReply(AUTH_ERROR) };
    if (added === 'collision') continue;
    stats.fileRecipients.add(recipients.length);
    return { reply: { tag: 'RIDS', recipientIds: recipients.map(({ recipientId }) => recipientId) } };
  }
  return { reply: INTERNAL };
};

export const deleteFile: FileHandler<'FDEL'> = async ({ call: { server }, file }) => {
  const removed = await server.files.remove(file.senderId);
  if (removed === null) return { reply: errorReply(AUTH_ERROR) };
  server.stats.filesDeleted.add();
  // The file is gone, whatever becomes of its body: what cannot be removed now, a sweep removes later.
  await removeBody(server, removed.bodyId);
  return { reply: OK };
};
