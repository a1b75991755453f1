/**
 * Where a file server of a test keeps its files: in a folder with the embedded engines, or in Redis and S3 where the
 * vitest project provides them (see vitest.config.ts). The specs know nothing of it.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@polyplex/base';
import type { ChunkStore, FileStore } from '@polyplex/store-contract';
import { openDiskChunkStore, openEmbeddedFileStore } from '@polyplex/store-embedded';
import { openRedisFileStore } from '@polyplex/store-redis';
import { openS3ChunkStore } from '@polyplex/store-s3';
import { inject } from 'vitest';
import type { FileNetwork } from './network-setup.ts';

export interface TestStores {
  readonly files: FileStore;
  readonly chunks: ChunkStore;
  /** Ids of all bodies, finished or not. */
  bodies(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export function openStores(clock: Clock): Promise<TestStores> {
  const network = inject('fileNetwork');
  return network === undefined ? openOnDisk(clock) : openOnNetwork(network);
}

let made = 0;

async function openOnNetwork({ redisPort, s3 }: FileNetwork): Promise<TestStores> {
  const prefix = `t${String(process.pid)}x${String(made++)}`;
  const files = await openRedisFileStore({ servers: [{ host: '127.0.0.1', port: redisPort }], prefix });
  const chunks = await openS3ChunkStore({ ...s3, prefix, pathStyle: true });
  return {
    files,
    chunks,
    async bodies() {
      const found: string[] = [];
      for await (const bodyId of chunks.list(0)) found.push(bodyId);
      return found;
    },
    async close() {
      await files.close();
      await chunks.close();
    },
  };
}

async function openOnDisk(clock: Clock): Promise<TestStores> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-files-'));
  const files = await openEmbeddedFileStore({ path: join(folder, 'records'), clock });
  const chunks = await openDiskChunkStore({ path: join(folder, 'bodies'), clock });
  return {
    files,
    chunks,
    async bodies() {
      const entries = await readdir(join(folder, 'bodies'), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile() && /^[A-Za-z0-9_-]{32}/.test(entry.name)).map(({ name }) => name);
    },
    async close() {
      await files.close();
      await chunks.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
