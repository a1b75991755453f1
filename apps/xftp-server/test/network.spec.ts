/** Nodes that share a Redis and a bucket, and what they say when one of the two is gone. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RedisServer, type S3Server, startRedis, startS3, waitUntil } from '@polyplex/local-cluster';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createXftpNode, type XftpNode } from '../src/index.ts';
import { silentLogger } from '@polyplex/telemetry';
import { configOf, connect, createFile, download, sendFile, serverFolder, startNode, upload } from './support.ts';

let redis: RedisServer;
let s3: S3Server;
beforeAll(async () => {
  [redis, s3] = await Promise.all([startRedis(), startS3()]);
});
afterAll(async () => {
  await Promise.all([redis.stop(), s3.stop()]);
});

/** Settings of a network of the test's own. */
function network(folder: string, prefix: string): string[] {
  writeFileSync(join(folder, 's3-secret'), `${s3.secretAccessKey}\n`);
  return [
    'xftpStorage.engine=redis-s3', `redis.urls=redis://127.0.0.1:${redis.port}`, 'redis.timeout=1s', `xftpStorage.redisPrefix=${prefix}`, `s3.endpoint=${s3.endpoint}`,
    `s3.bucket=${s3.bucket}`, `s3.region=${s3.region}`, `s3.prefix=${prefix}`, `s3.accessKeyId=${s3.accessKeyId}`, `s3.secretAccessKeyFile=${folder}/s3-secret`,
  ];
}

async function readiness({ adminUrl }: XftpNode): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await fetch(`${adminUrl}readyz`);
  return { status: answer.status, body: await answer.text() };
}

async function metric({ adminUrl }: XftpNode, name: string): Promise<string | undefined> {
  const text = await (await fetch(`${adminUrl}metrics`)).text();
  return text.split('\n').find((line) => line.startsWith(`${name} `))?.split(' ')[1];
}

describe('nodes of a network', () => {
  it('give what another one took, and count to one quota', async () => {
    const folder = serverFolder();
    const settings = [...network(folder, 'two'), 'xftpStorage.quota=100KiB'];
    const [one, two] = [await startNode(folder, ...settings), await startNode(folder, ...settings)];
    const [sender, recipient] = [await connect(one), await connect(two)];
    const file = await sendFile(sender);
    expect(await download(recipient, file)).toEqual(file.content);
    const another = await createFile(recipient);
    await expect(upload(recipient, another)).rejects.toMatchObject({ error: { type: 'QUOTA' } });
    expect([await metric(one, 'simplex_xftp_files_size'), await metric(two, 'simplex_xftp_files_size')]).toEqual(['65536', '65536']);
    expect(one.storePlace).toContain(`bucket ${s3.bucket}`);
    await one.stop();
    await recipient.deleteChunk(file.sender);
    await upload(recipient, another);
  });

  it('are alive and not ready while S3 or Redis is gone, and ready again when it is back', async () => {
    const folder = serverFolder();
    const node = await startNode(folder, ...network(folder, 'gone'));
    const client = await connect(node);
    const file = await createFile(client);
    expect((await readiness(node)).status).toBe(200);
    await s3.kill();
    expect(await readiness(node)).toEqual({ status: 503, body: expect.stringContaining('bodies of files cannot be written') });
    expect([await metric(node, 'polyplex_store_available'), await metric(node, 'polyplex_chunk_store_available')]).toEqual(['1', '0']);
    await expect(upload(client, file)).rejects.toMatchObject({ error: { type: 'TIMEOUT' } });
    await s3.restart();
    await waitUntil('ready again', async () => ((await readiness(node)).status === 200 ? true : undefined), { timeoutMs: 30_000 });
    await redis.kill();
    expect(await readiness(node)).toEqual({ status: 503, body: expect.stringContaining('the store of records does not answer') });
    expect([await metric(node, 'polyplex_store_available'), await metric(node, 'polyplex_chunk_store_available')]).toEqual(['0', '1']);
    expect((await fetch(`${node.adminUrl}healthz`)).status).toBe(200);
    await redis.restart();
    await waitUntil('ready again', async () => ((await readiness(node)).status === 200 ? true : undefined), { timeoutMs: 30_000 });
    await upload(client, file);
    expect(await download(client, file)).toEqual(file.content);
  });
});

describe('a node cannot start', () => {
  it.each([
    ['without its bucket', 's3.bucket=polyplex-missing', /section s3/],
    ['with a wrong key', 's3.accessKeyId=nobody', /section s3/],
    ['without its Redis', 'redis.urls=redis://127.0.0.1:1', /redis\.urls/],
  ])('%s, and says what to look at', async (_name, setting, message) => {
    const folder = serverFolder();
    const config = configOf(folder, [...network(folder, 'start'), setting]);
    const started = createXftpNode(config, { log: silentLogger, version: '1' });
    await expect(started).rejects.toMatchObject({ code: 'STORAGE', message: expect.stringMatching(message) });
    await expect(started).rejects.toMatchObject({ message: expect.not.stringContaining(s3.secretAccessKey) });
  });
});
