/**
 * Where does the relay's main thread spend a delivered message? A profile under the delivery load as a flame graph, and as it is
 * for the tools of a browser. What other threads do (the collector's helpers, flushes of the disk) is not in it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flameGraph, framesOf, hottest } from '../lib/flame-graph.ts';
import type { Figure } from '../lib/measure.ts';
import { loadRelay } from '../lib/relay-load.ts';

const WARM_UP = 10_000;
const MESSAGES = 20_000;
const NAMED = 25;

/** Writes `flame-v<version>.svg` and `.cpuprofile` into `folder`, which is made. */
export async function flame(folder: string, version = 18): Promise<readonly Figure[]> {
  const load = await loadRelay(version);
  await load.round(WARM_UP);
  const profile = await load.server.profile(async () => void (await load.round(MESSAGES)));
  await load.stop();
  const frames = framesOf(profile);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `flame-v${version}`);
  await writeFile(`${path}.cpuprofile`, JSON.stringify(profile));
  await writeFile(`${path}.svg`, flameGraph(frames, `delivered messages, version ${version}: ${Math.round(frames.total / MESSAGES)} us of the main thread each`));
  console.log(`${path}.svg, and ${path}.cpuprofile for the tools of a browser`);
  return hottest(frames, NAMED).map(({ name, share }) => ({ name, value: 100 * share, unit: '%' }));
}
