/**
 * What bodies on a disk cost, a body and a MiB: CPU of all threads and of the kernel, 16 in flight. Rounds repeat, since the
 * first one makes folders.
 *
 *   node libs/store/embedded/bench/body-costs.ts [folder]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDiskChunkStore } from '../src/index.ts';
import { anyBodyId, bytes, never, sourceOf } from '../test/uploads.ts';

const IN_FLIGHT = 16;
const ROUNDS = 3;
const SIZES = [65_536, 1_048_576, 4_194_304];
const BYTES_A_ROUND = 200_000_000;

const path = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'polyplex-bodies-'));
const chunks = await openDiskChunkStore({ path });

/** Microseconds of CPU a body. */
async function cost(ids: readonly string[], work: (bodyId: string) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  let next = 0;
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (next < ids.length) await work(ids[next++]!);
  }));
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / ids.length);
}

async function readAll(bodyId: string): Promise<void> {
  let length = 0;
  for await (const piece of (await chunks.read(bodyId))!.pieces) length += piece.length;
  if (length === 0) throw new RangeError('nothing was read');
}

for (const size of SIZES) {
  const body = bytes(size);
  for (let round = 0; round < ROUNDS; round++) {
    const ids = Array.from({ length: Math.ceil(BYTES_A_ROUND / size) }, anyBodyId);
    const write = await cost(ids, (bodyId) => chunks.write(bodyId, sourceOf(body), never()));
    const read = await cost(ids, readAll);
    const remove = await cost(ids, (bodyId) => chunks.remove(bodyId));
    console.log(`${size / 1024} KiB: write ${write} us, read ${read} us, remove ${remove} us`);
  }
}
await chunks.close();
rmSync(path, { recursive: true });
