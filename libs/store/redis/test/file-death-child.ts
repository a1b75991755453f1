/**
 * Run as a process of its own by `file-death.spec.ts`: goes through the life of a file up to a step, says so on stdout, and
 * waits to be killed. Arguments: port of Redis, prefix of its keys, folder of the bodies, sender id, body id, lease, the step.
 */
import { writeSync } from 'node:fs';
import { fromBase64Url } from '@polyplex/base';
import { openDiskChunkStore } from '@polyplex/store-embedded';
import { openRedisFileStore } from '../src/index.ts';
import { bodyOf, fileOf, GRACE_MS, type Life, SIZE } from './file-life.ts';

const STDOUT = 1;
const [port, prefix, folder, sender, bodyId, lease, last] = process.argv.slice(2) as [string, string, string, string, string, string, Life];

const files = await openRedisFileStore({ servers: [{ host: '127.0.0.1', port: Number(port) }], prefix, graceMs: GRACE_MS });
const chunks = await openDiskChunkStore({ path: folder });
const senderId = fromBase64Url(sender)!;
const { signal } = new AbortController();

/** Waits for its end if this is the step. */
async function done(step: Life): Promise<void> {
  if (step !== last) return;
  writeSync(STDOUT, 'here\n');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}

await files.create(fileOf(senderId), []);
await done('created');
await files.beginUpload(senderId, bodyId, { quota: SIZE, leaseMs: Number(lease) });
await done('begun');
await chunks.write(bodyId, bodyOf(() => done('half written')), signal);
await done('written');
await files.commitUpload(senderId, bodyId);
await done('committed');
await files.remove(senderId);
await done('removed');
await chunks.remove(bodyId);
await done('body removed');
await files.discard(bodyId);
await done('discarded');
