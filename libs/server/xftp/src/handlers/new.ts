/** FNEW: register a chunk and its first recipients (XFTP §5.2). Nothing is reserved; the quota is asked at FPUT. */
import { copyBytes, HOUR, MINUTE, SECOND } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { AUTH_ERROR, CHUNK_SIZES, type XftpCommandOf, errorReply, type XftpReply } from '@polyplex/protocol-xftp';
import { passwordMatches } from '@polyplex/server-core';
import type { NewFile } from '@polyplex/store-contract';
import { authorizedBy } from '../authorize.ts';
import type { Call, SessionContext, SessionHandler } from '../context.ts';
import { INTERNAL } from '../failure.ts';
import { FILE_ID_BYTES, ID_ATTEMPTS, newRecipients } from '../new-ids.ts';

/** Window of the limits on new files. */
export const NEW_FILES_WINDOW_MS = MINUTE;
const HOUR_SECONDS = HOUR / SECOND;

/** Counts one FNEW or FADD; false when the client, or all clients together, have made too many. */
export function takeNewFile({ server, sender }: Call): boolean {
  return server.newFiles.take(sender.connection.addressKey) && server.newFilesInAll.take('all');
}

/** Whether this client may create this file now; the refusal otherwise. */
function admit({ call, incoming }: SessionContext<'FNEW'>): XftpReply | null {
  const { options } = call.server;
  const { senderKey, size, password } = incoming.command;
  if (!authorizedBy(call.sender, incoming, senderKey)) return errorReply(AUTH_ERROR);
  if (!options.newFiles || !passwordMatches(options.password, password)) return errorReply(AUTH_ERROR);
  if (!CHUNK_SIZES.includes(size)) return errorReply({ type: 'SIZE' });
  return takeNewFile(call) ? null : errorReply({ type: 'QUOTA' });
}

function draft({ senderKey, size, digest }: XftpCommandOf<'FNEW'>, now: number): NewFile {
  const seconds = Math.floor(now / SECOND);
  return { senderId: randomBytes(FILE_ID_BYTES), senderKey, size, digest: copyBytes(digest), createdAt: seconds - (seconds % HOUR_SECONDS) };
}

export const createFile: SessionHandler<'FNEW'> = async (context) => {
  const refusal = admit(context);
  if (refusal !== null) return { reply: refusal };
  const { files, clock, stats } = context.call.server;
  const { command } = context.incoming;
  for (let attempt = 0; attempt < ID_ATTEMPTS; attempt++) {
    const file = draft(command, clock.now());
    const recipients = newRecipients(command.recipientKeys);
    if ((await files.create(file, recipients)) === 'collision') continue;
    stats.filesCreated.add();
    stats.fileRecipients.add(recipients.length);
    return { reply: { tag: 'SIDS', senderId: file.senderId, recipientIds: recipients.map(({ recipientId }) => recipientId) } };
  }
  return { reply: INTERNAL };
};
