/** Chunks of files: what a phone sends and fetches, without the encryption of the file, which is not the server's work. */
import { connectXftp, http2Dial, type XftpClient } from '@polyplex/client';
import { generateKeyPair, randomBytes, sha256 } from '@polyplex/crypto';
import { CHUNK_SIZES } from '@polyplex/protocol-xftp';
import { timed, usage } from '../failure.ts';
import type { Operations } from '../protocol.ts';
import type { SwarmState, UploadedChunk } from '../state.ts';

/** One connection for all files of the worker: apps have one to a server, too. */
function clientOf(state: SwarmState): Promise<XftpClient> {
  const { files: address } = state;
  if (address === null) throw usage('there is no file server: name one');
  state.fileClient ??= timed('connect', () => connectXftp({ address, dial: http2Dial({ allowAddress: () => true }), connectTimeoutMs: state.timeoutMs }))
    .then(({ result }) => {
      void result.closed.then(() => (state.fileClient = null));
      return result;
    });
  state.fileClient.catch(() => (state.fileClient = null));
  return state.fileClient;
}

/** As many of the largest chunks as fit, and one that holds the rest. */
function chunkSizes(bytes: number): number[] {
  const largest = CHUNK_SIZES.at(-1)!;
  const whole = Math.floor(bytes / largest);
  const rest = bytes - whole * largest;
  const last = rest === 0 && whole > 0 ? [] : [CHUNK_SIZES.find((size) => size >= rest)!];
  return [...Array.from({ length: whole }, () => largest), ...last];
}

export async function upload(state: SwarmState, { file, bytes }: Operations['upload']['request']): Promise<Operations['upload']['reply']> {
  const client = await clientOf(state);
  const { ms, result } = await timed('upload', async () => {
    const chunks: UploadedChunk[] = [];
    for (const size of chunkSizes(bytes)) chunks.push(await uploadChunk(client, size, state.files?.password ?? null));
    return chunks;
  });
  state.uploaded.set(file, result);
  return { uploadMs: ms };
}

async function uploadChunk(client: XftpClient, size: number, password: string | null): Promise<UploadedChunk> {
  const content = randomBytes(size);
  const digest = sha256(content);
  const [sender, key] = [generateKeyPair('ed25519'), generateKeyPair('ed25519')];
  const { senderId, recipientIds } = await client.createChunk({ sender, size, digest, recipientKeys: [key.publicKey], password });
  await client.uploadChunk({ id: senderId, key: sender.privateKey }, size, [content]);
  return { recipientId: recipientIds[0]!, key, size, digest };
}

export async function download(state: SwarmState, { file }: Operations['download']['request']): Promise<Operations['download']['reply']> {
  const uploaded = state.uploaded.get(file);
  if (uploaded === undefined) throw usage(`no file ${file} was uploaded`);
  const client = await clientOf(state);
  let bytes = 0;
  const { ms } = await timed('download', async () => {
    for (const { recipientId, key, size, digest } of uploaded) {
      await client.downloadChunk({ id: recipientId, key: key.privateKey }, { size, digest }, (piece) => {
        bytes += piece.length;
      });
    }
  });
  return { downloadMs: ms, bytes };
}
