/** FACK: a recipient has what it wanted (XFTP §5.2). The file stays, even without recipients. */
import { AUTH_ERROR, errorReply, OK } from '@polyplex/protocol-xftp';
import type { FileHandler } from '../context.ts';

export const acknowledgeFile: FileHandler<'FACK'> = async ({ call: { server }, incoming }) => {
  if (!(await server.files.acknowledge(incoming.entityId))) return { reply: errorReply(AUTH_ERROR) };
  server.stats.fileDownloadAcks.add();
  return { reply: OK };
};
