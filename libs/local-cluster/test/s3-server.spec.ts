/** One S3 server: its bucket and keys, what survives, and what is left afterwards. */
import { existsSync, readFileSync } from 'node:fs';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isPortFree, type S3Key, type S3Server, startS3 } from '../src/index.ts';
import { isAlive } from './processes.ts';

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());

function clientOf({ accessKeyId, secretAccessKey }: S3Key): S3Client {
  return new S3Client({ endpoint: s3.endpoint, region: s3.region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true, maxAttempts: 1 });
}

const put = (key: S3Key) => clientOf(key).send(new PutObjectCommand({ Bucket: s3.bucket, Key: 'kept', Body: 'value' }));
const get = async (key: S3Key) => (await clientOf(key).send(new GetObjectCommand({ Bucket: s3.bucket, Key: 'kept' }))).Body?.transformToString();

test('its key may write and the reader’s may not; what was written survives a kill', async () => {
  await put(s3);
  expect([await get(s3), await get(s3.reader)]).toEqual(['value', 'value']);
  await expect(put(s3.reader)).rejects.toMatchObject({ name: 'AccessDenied' });
  const { pid, port } = s3;
  await s3.kill();
  expect([s3.isRunning, isAlive(pid)]).toEqual([false, false]);
  await s3.restart();
  expect(await get(s3)).toBe('value');
  expect([s3.pid === pid, s3.port]).toEqual([false, port]);
});

test('one that was stopped leaves nothing, and another goes on', async () => {
  const other = await startS3();
  const { pid, port } = other;
  const sockets = [...readFileSync(`/proc/${pid}/cmdline`, 'utf8').matchAll(/-(\w+)\.port\.grpc=(\d+)/g)].map(([, part, number]) => `/tmp/seaweedfs-${part}-grpc-${number}.sock`);
  expect(sockets.map((socket) => existsSync(socket))).toEqual([true, true, true, true]);
  await other.stop();
  await other.stop();
  expect([isAlive(pid), existsSync(`/proc/${s3.pid}`), await isPortFree(port)]).toEqual([false, true, true]);
  expect(sockets.filter((socket) => existsSync(socket))).toEqual([]);
  await expect(other.restart()).rejects.toMatchObject({ code: 'STATE' });
  expect(await get(s3)).toBe('value');
});
