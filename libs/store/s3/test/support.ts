/** Stores on a real S3 server, and bodies for them. */
import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Server } from '@polyplex/local-cluster';
import type { ChunkBody, ChunkStore } from '@polyplex/store-contract';
import type { S3ChunkStoreOptions } from '../src/index.ts';

export function optionsFor(s3: S3Server, changes: Partial<S3ChunkStoreOptions> = {}): S3ChunkStoreOptions {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = s3;
  return { endpoint, region, bucket, accessKeyId, secretAccessKey, prefix: 'bodies', pathStyle: true, ...changes };
}

export const never = (): AbortSignal => new AbortController().signal;
export const anyBodyId = (): string => randomBytes(24).toString('base64url');

export function sourceOf(body: Uint8Array, pieceBytes = 16_384): ChunkBody {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < body.length; at += pieceBytes) {
      yield body.subarray(at, at + pieceBytes);
      await Promise.resolve();
    }
  }
  return { size: body.length, pieces: pieces() };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export async function contents(store: ChunkStore, bodyId: string): Promise<Uint8Array | null> {
  const body = await store.read(bodyId);
  return body === null ? null : Buffer.concat(await all(body.pieces));
}

/** A bucket that comes and goes. */
export class S3Bucket {
  readonly name: string;
  private readonly client: S3Client;

  constructor({ endpoint, region, accessKeyId, secretAccessKey }: S3Server, name: string) {
    this.name = name;
    this.client = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true });
  }

  async make(): Promise<void> {
    await this.client.send(new CreateBucketCommand({ Bucket: this.name }));
  }

  async remove(): Promise<void> {
    await this.client.send(new DeleteBucketCommand({ Bucket: this.name }));
    this.client.destroy();
  }
}
