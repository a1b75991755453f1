/**
 * Run as a process of its own by the crash tests: opens the stores in the folder given, goes on with what is there, and
 * uploads, deletes, blocks and gives up in a loop with many in flight. What is durable it reports on stdout, a line each:
 * `+ <sender id>` uploaded, `- <sender id>` deleted or blocked; `? <sender id>` stands before that is tried.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64Url } from '@polyplex/base';
import { openDiskChunkStore, openEmbeddedFileStore } from '../src/index.ts';
import { anyBodyId, bytes, never, newFile, newRecipient, sha256, sourceOf } from './uploads.ts';

const WORKERS = 8;
const MAX_BYTES = 300_000;
const STDOUT = 1;
const LEASE_MS = 60_000;

/** Written at once, so that nothing reported is lost with the process, and nothing is reported early. */
function report(kind: string, senderId: Uint8Array): void {
  writeSync(STDOUT, `${kind} ${toBase64Url(senderId)}\n`);
}

const path = process.argv[2]!;
const files = await openEmbeddedFileStore({ path: join(path, 'files') });
const chunks = await openDiskChunkStore({ path: join(path, 'bodies') });

async function upload(): Promise<Uint8Array> {
  const body = bytes(1 + Math.floor(Math.random() * MAX_BYTES));
  const file = newFile({ size: body.length, digest: sha256(body) });
  await files.create(file, [newRecipient(), newRecipient()]);
  const { senderId } = file;
  const bodyId = anyBodyId();
  await files.beginUpload(senderId, bodyId, { quota: null, leaseMs: LEASE_MS });
  await chunks.write(bodyId, sourceOf(body), never());
  if ((await files.commitUpload(senderId, bodyId)) === 'committed') report('+', senderId);
  return senderId;
}

/** The wrong number of bytes: the body is removed, then discarded. */
async function giveUp(): Promise<void> {
  const file = newFile({ size: 100_000 });
  await files.create(file, []);
  const bodyId = anyBodyId();
  await files.beginUpload(file.senderId, bodyId, { quota: null, leaseMs: LEASE_MS });
  await chunks.write(bodyId, { ...sourceOf(bytes(60_000)), size: file.size }, never()).catch(() => undefined);
  await chunks.remove(bodyId);
  await files.discard(bodyId);
}

async function removeBody(senderId: Uint8Array): Promise<void> {
  report('?', senderId);
  const left = await (Math.random() < 0.3 ? files.block(senderId, { reason: 'spam', notice: null }) : files.remove(senderId));
  if (left?.bodyId) {
    await chunks.remove(left.bodyId);
    await files.discard(left.bodyId);
  }
  report('-', senderId);
}

await Promise.all(Array.from({ length: WORKERS }, async () => {
  for (;;) {
    const uploaded = [await upload(), await upload(), await upload()];
    await Promise.all([removeBody(uploaded[0]!), removeBody(uploaded[1]!), giveUp()]);
  }
}));
