/** File servers to kill: one on the disk of its machine, or two on one Redis and one S3 storage. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type DataFolder, openFolder, type ServerNode, startFileServerNode, startRedis, startS3 } from '@polyplex/local-cluster';

export interface FileServers {
  /** One identity; nodes of one data. */
  readonly nodes: readonly ServerNode[];
  /** How many bodies lie in the storage, whoever they belong to. */
  bodies(): Promise<number>;
  stop(): Promise<void>;
}

const COMMON = ['xftpLimits.uploadTimeout=10s', 'xftpFiles.leftBodiesInterval=1s', 'xftpStorage.reserve=0'];
const MARK_FILE = 'polyplex-bodies';
/** What nodes write to see whether they can. */
const CHECK_KEY = '.check';

export async function onDisk(): Promise<FileServers> {
  const folder = await openFolder(undefined, 'files');
  const node = await startFileServerNode({ folder: folder.path, settings: COMMON });
  return {
    nodes: [node],
    async bodies() {
      const entries = await readdir(join(folder.path, 'data', 'xftp', 'files'), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile() && entry.name !== MARK_FILE).length;
    },
    async stop() {
      await node.stop();
      await folder.remove();
    },
  };
}

export async function onNetwork(): Promise<FileServers> {
  const [redis, s3, folder] = await Promise.all([startRedis(), startS3(), openFolder(undefined, 'files')]);
  const secretFile = join(folder.path, 's3-secret');
  await writeFile(secretFile, `${s3.secretAccessKey}\n`, { mode: 0o600 });
  const settings = [
    ...COMMON, 'xftpStorage.engine=redis-s3', `redis.urls=${redis.url}`, `s3.endpoint=${s3.endpoint}`, `s3.bucket=${s3.bucket}`, `s3.region=${s3.region}`,
    `s3.accessKeyId=${s3.accessKeyId}`, `s3.secretAccessKeyFile=${secretFile}`,
  ];
  const nodes = [await startNodeIn(folder, 'one', settings)];
  nodes.push(await startNodeIn(folder, 'two', settings));
  const client = new S3Client({
    endpoint: s3.endpoint, region: s3.region, forcePathStyle: true, credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  });
  return {
    nodes,
    async bodies() {
      let count = 0;
      for (let token: string | undefined; ; ) {
        const page = await client.send(new ListObjectsV2Command({ Bucket: s3.bucket, ContinuationToken: token }));
        count += page.Contents?.filter(({ Key }) => Key !== CHECK_KEY).length ?? 0;
        token = page.NextContinuationToken;
        if (token === undefined) return count;
      }
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      client.destroy();
      await Promise.all([redis.stop(), s3.stop()]);
      await folder.remove();
    },
  };
}

/** Nodes of one address share their configuration. */
function startNodeIn(folder: DataFolder, name: string, settings: readonly string[]): Promise<ServerNode> {
  return startFileServerNode({ folder: join(folder.path, name), configDir: join(folder.path, 'config'), settings });
}
