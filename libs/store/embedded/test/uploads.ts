/** Files and bodies for tests of the file store and the chunk store together. */
import { createHash, randomBytes } from 'node:crypto';
import { toBase64Url } from '@polyplex/base';
import type { ChunkBody, ChunkStore, FileStore, NewFile, NewRecipient } from '@polyplex/store-contract';

export const bytes = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
export const sha256 = (body: Uint8Array): Uint8Array => Uint8Array.from(createHash('sha256').update(body).digest());
export const anyBodyId = (): string => toBase64Url(bytes(24));
export const never = (): AbortSignal => new AbortController().signal;

export function newFile(parts: Partial<NewFile> = {}): NewFile {
  return { senderId: bytes(24), senderKey: { kind: 'ed25519', raw: bytes(32) }, size: 1000, digest: bytes(32), createdAt: 3600, ...parts };
}

export const newRecipient = (): NewRecipient => ({ recipientId: bytes(24), recipientKey: { kind: 'ed25519', raw: bytes(32) } });

export function sourceOf(body: Uint8Array, pieceBytes = 16_384): ChunkBody {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < body.length; at += pieceBytes) {
      yield body.subarray(at, at + pieceBytes);
      await Promise.resolve();
    }
  }
  return { size: body.length, pieces: pieces() };
}

/** All of a body; null where there is none. */
export async function contents(chunks: Pick<ChunkStore, 'read'>, bodyId: string): Promise<Uint8Array | null> {
  const body = await chunks.read(bodyId);
  if (body === null) return null;
  const pieces: Uint8Array[] = [];
  for await (const piece of body.pieces) pieces.push(piece);
  return Buffer.concat(pieces);
}

export async function listed(chunks: ChunkStore, olderThanMs = 0): Promise<string[]> {
  const found: string[] = [];
  for await (const bodyId of chunks.list(olderThanMs)) found.push(bodyId);
  return found.sort();
}

/** What a server does at its start and now and then: removes bodies that are left, and those that no record names. */
export async function sweptUp(files: FileStore, chunks: ChunkStore): Promise<void> {
  for (let left = await files.leftBodies(100); left.length > 0; left = await files.leftBodies(100)) {
    for (const bodyId of left) {
      await chunks.remove(bodyId);
      await files.discard(bodyId);
    }
  }
  for (const bodyId of await listed(chunks)) if (!(await files.knows([bodyId]))[0]) await chunks.remove(bodyId);
}
