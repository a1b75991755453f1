/** Makes the sample of today's format, once, with the release that brings it: node libs/store/redis/test/formats/make.ts. Needs redis-server. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startRedis } from '@polyplex/local-cluster';
import { FORMAT_VERSION } from '@polyplex/store-common';
import { createClient, RESP_TYPES } from 'redis';
import { type DumpedKey, type FormatSample, OF_NODES, SAMPLES } from './samples.ts';

const target = join(import.meta.dirname, `${String(FORMAT_VERSION)}.json.gz`);
if (existsSync(target)) throw new Error(`${target} is there already`);
const redis = await startRedis();
const told: Record<string, unknown> = {};
for (const { kind, fill, tell } of SAMPLES) {
  await fill(redis.port);
  told[kind] = await tell(redis.port);
}
const client = createClient({ url: redis.url }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
await client.connect();
const keys: DumpedKey[] = [];
for (const name of (await client.keys('*')).map(String).filter((key) => !OF_NODES.test(key)).toSorted()) {
  keys.push({ key: name, dump: (await client.sendCommand<Buffer>(['DUMP', name])).toString('base64') });
}
await client.close();
await redis.stop();
writeFileSync(target, gzipSync(JSON.stringify({ keys, told } satisfies FormatSample), { level: 9 }));
process.exit(0);
