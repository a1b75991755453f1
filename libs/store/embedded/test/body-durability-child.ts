/**
 * Run under strace by the durability test of bodies: writes some, one after the other, in the folder given. On stdout it says
 * when it begins (`begin`) and, when the body is answered, `answered`.
 */
import { writeSync } from 'node:fs';
import { openDiskChunkStore } from '../src/index.ts';
import { anyBodyId, bytes, never, sourceOf } from './uploads.ts';

const STDOUT = 1;
const chunks = await openDiskChunkStore({ path: process.argv[2]! });
for (const size of [1000, 65_536, 1_000_000]) {
  const body = bytes(size);
  writeSync(STDOUT, 'begin\n');
  await chunks.write(anyBodyId(), sourceOf(body), never());
  writeSync(STDOUT, 'answered\n');
}
await chunks.close();
