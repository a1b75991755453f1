/**
 * FPUT: receive the body of a chunk (XFTP §5.3). Each upload has a body id of its own: announced to the FileStore before its
 * first byte, removed and discarded when anything fails, so that what did not become a file's body counts to no quota.
 */
import { MINUTE, SECOND, toBase64Url } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { AUTH_ERROR, errorReply, OK, type XftpError, type XftpReply } from '@polyplex/protocol-xftp';
import { StoreError } from '@polyplex/store-contract';
import type { FileContext, FileHandler } from '../context.ts';
import { storeFailure } from '../failure.ts';
import { incomingChunk, UploadError } from '../incoming-chunk.ts';
import { removeBody } from '../remove-body.ts';
import { deadline } from '../within.ts';

type Context = FileContext<'FPUT'>;

const BODY_ID_BYTES = 24;
/** Between the end of an upload's time and that of its lease: for the last write and the commit. */
const LEASE_MARGIN_MS = MINUTE;

export const uploadChunk: FileHandler<'FPUT'> = async (context) => {
  const { server, sender, broken } = context.call;
  const { clock, options } = server;
  const time = deadline(clock.after.bind(clock), options.uploadTimeoutMs, broken);
  const leave = await server.uploads.take({ addressKey: sender.connection.addressKey, connection: sender.connection }, time.signal);
  try {
    if (leave === null) return { reply: errorReply({ type: 'TIMEOUT' }) };
    const already = context.file.bodyId !== null;
    return { reply: already ? await discardAll(context, time.signal) : await upload(context, time.signal) };
  } finally {
    leave?.();
    time.end();
  }
};

async function upload(context: Context, signal: AbortSignal): Promise<XftpReply> {
  const { call: { server }, file } = context;
  const bodyId = toBase64Url(randomBytes(BODY_ID_BYTES));
  const { quota, uploadTimeoutMs } = server.options;
  const begun = await server.files.beginUpload(file.senderId, bodyId, { quota, leaseMs: uploadTimeoutMs + LEASE_MARGIN_MS });
  if (begun === 'uploaded') return discardAll(context, signal);
  if (begun !== 'begun') return errorReply(begun === 'quota' ? { type: 'QUOTA' } : AUTH_ERROR);
  const began = performance.now();
  const fault = await receive(context, bodyId, signal);
  if (fault !== null) {
    await removeBody(server, bodyId);
    return errorReply(fault);
  }
  // A commit that rejects may have happened. Then the body stays as it is: a sweep removes it if it was not.
  const committed = await server.files.commitUpload(file.senderId, bodyId);
  if (committed === 'committed') {
    server.stats.filesUploaded.add();
    server.stats.transferSeconds.of('upload').observe((performance.now() - began) / SECOND);
    return OK;
  }
  await removeBody(server, bodyId);
  // Another upload of the same bytes was first: to the client it is as if its own had come a moment later.
  return committed === 'uploaded' ? OK : errorReply(AUTH_ERROR);
}

/** Stores the body; what went wrong, or null. */
async function receive({ call: { server, body }, file }: Context, bodyId: string, signal: AbortSignal): Promise<XftpError | null> {
  const pieces = incomingChunk(body, { size: file.size, digest: file.digest, signal, received: server.stats.bytesUploaded });
  try {
    await server.chunks.write(bodyId, { size: file.size, pieces }, signal);
    return null;
  } catch (error) {
    if (error instanceof UploadError) return { type: error.code };
    if (signal.aborted) return { type: 'TIMEOUT' };
    if (!(error instanceof StoreError)) {
      await removeBody(server, bodyId);
      throw error;
    }
    return storeFailure(server, error, 'a body could not be written', 'FILE_IO');
  }
}

/** The file has its body: takes one of the same length, whatever it is (XFTP §5.3, 1). */
async function discardAll({ call: { server, body }, file }: Context, signal: AbortSignal): Promise<XftpReply> {
  try {
    for await (const piece of incomingChunk(body, { size: file.size, digest: null, signal, received: server.stats.bytesUploaded })) void piece;
    return OK;
  } catch (error) {
    if (error instanceof UploadError) return errorReply({ type: error.code });
    throw error;
  }
}
