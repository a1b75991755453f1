/** Redis and S3 for all specs that run against the engines of many nodes: each server has prefixes of its own in them. */
import { type RedisServer, type S3Server, startRedis, startS3 } from '@polyplex/local-cluster';
import type { TestProject } from 'vitest/node';

let redis: RedisServer | undefined;
let s3: S3Server | undefined;

/** Where the two are. */
export interface FileNetwork {
  readonly redisPort: number;
  readonly s3: Pick<S3Server, 'endpoint' | 'region' | 'bucket' | 'accessKeyId' | 'secretAccessKey'>;
}

declare module 'vitest' {
  interface ProvidedContext {
    fileNetwork?: FileNetwork;
  }
}

export async function setup(project: TestProject): Promise<void> {
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = s3;
  project.provide('fileNetwork', { redisPort: redis.port, s3: { endpoint, region, bucket, accessKeyId, secretAccessKey } });
}

export async function teardown(): Promise<void> {
  await Promise.all([redis?.stop(), s3?.stop()]);
}
