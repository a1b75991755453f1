/**
 * One chunk as it comes (XFTP §4.4): under a key made for this download alone, decrypted piece by piece. Size, tag and
 * digest are known only at the end; until then the bytes are anybody's.
 */
import { equalBytes } from '@polyplex/base';
import { agree, BOX_TAG_BYTES, boxKeyOf, createBoxOpener, createSha256, generateKeyPair } from '@polyplex/crypto';
import type { RequestLimits } from './request-timer.ts';
import type { ResponseBody } from './response-body.ts';
import { XftpClientError } from './xftp-error.ts';
import type { EntityKey, XftpSession } from './xftp-session.ts';

/** What a description says of a chunk. */
export interface ChunkFacts {
  readonly size: number;
  /** SHA-256 of the stored chunk. */
  readonly digest: Uint8Array;
}

/** Takes the next bytes of a chunk, which belong to it from then on. */
export type TakePiece = (bytes: Uint8Array) => Promise<void> | void;

export interface ChunkDownload {
  readonly recipient: EntityKey;
  readonly chunk: ChunkFacts;
  readonly limits: RequestLimits;
  readonly signal: AbortSignal | undefined;
}

/** Rejects with `SIZE`, `CRYPTO` or `DIGEST` when the chunk is not the one that was asked for: what `take` got is then to be dropped. */
export async function downloadChunk(session: XftpSession, { recipient, chunk, limits, signal }: ChunkDownload, take: TakePiece): Promise<void> {
  const own = generateKeyPair('x25519');
  const command = { tag: 'FGET', dhKey: own.publicKey } as const;
  await session.askFor({ command, entityId: recipient.id, key: recipient.key, limits, signal }, 'FILE', async (reply, body) => {
    const secret = agree(own.privateKey, reply.dhKey);
    if (secret === null) throw new XftpClientError('CRYPTO', 'the key of the download is none');
    await openChunk(body, chunk, createBoxOpener(boxKeyOf(secret), reply.nonce), take);
  });
}

async function openChunk(body: ResponseBody, { size, digest }: ChunkFacts, opener: ReturnType<typeof createBoxOpener>, take: TakePiece): Promise<void> {
  const hash = createSha256();
  const tag = new Uint8Array(BOX_TAG_BYTES);
  let length = 0;
  for (let piece = await body.next(); piece !== null; piece = await body.next()) {
    const cipher = piece.subarray(0, Math.max(0, size - length));
    const rest = piece.subarray(cipher.length);
    if (length + piece.length > size + BOX_TAG_BYTES) {
      await body.leave();
      throw new XftpClientError('SIZE', 'the chunk is longer than it should be');
    }
    if (rest.length > 0) tag.set(rest, length + cipher.length - size);
    length += piece.length;
    if (cipher.length === 0) continue;
    const plain = opener.update(cipher);
    hash.update(plain);
    await take(plain);
  }
  if (length < size + BOX_TAG_BYTES) throw new XftpClientError('SIZE', 'the chunk is shorter than it should be');
  if (!opener.finish(tag)) throw new XftpClientError('CRYPTO', 'the chunk was changed on its way');
  if (!equalBytes(hash.digest(), digest)) throw new XftpClientError('DIGEST', 'the chunk is not the one that the description names');
}
