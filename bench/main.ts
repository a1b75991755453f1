/**
 * `npm run bench [name ...]`: what the relay costs, as CPU time and memory of its own process, which a noisy machine
 * changes little; compared within one run. Nothing passes or fails by it, but for `gate`.
 *
 *   gate [--update-baseline]   fails when a message costs more than was committed
 *   flame FOLDER               where the relay's time goes, as a flame graph
 */
import { gate } from './gate/gate.ts';
import { counting } from './scenarios/counting.ts';
import { delivery } from './scenarios/delivery.ts';
import { directory } from './scenarios/directory.ts';
import { diskSize } from './scenarios/disk-size.ts';
import { echo } from './scenarios/echo.ts';
import { files } from './scenarios/files.ts';
import { flame } from './scenarios/flame.ts';
import { floor } from './scenarios/floor.ts';
import { memory } from './scenarios/memory.ts';
import { growth } from './scenarios/growth.ts';
import { handshakes } from './scenarios/handshakes.ts';
import { pauses } from './scenarios/pauses.ts';
import { redisMemory } from './scenarios/redis-memory.ts';
import { scrape } from './scenarios/scrape.ts';
import { soakForAnHour } from './scenarios/soak.ts';
import { storm } from './scenarios/storm.ts';
import { type Figure, print } from './lib/measure.ts';

const scenarios: Readonly<Record<string, () => Promise<readonly Figure[]>>> = { echo, counting, delivery, directory, 'disk-size': diskSize, files, floor, growth, handshakes, memory, pauses, 'redis-memory': redisMemory, scrape, soak: soakForAnHour, storm };
/** Too long for a run of everything. */
const onlyByName: ReadonlySet<string> = new Set(['soak']);

/** What is more than a scenario. */
const commands: Readonly<Record<string, (argument: string | undefined) => Promise<boolean>>> = {
  gate: (argument) => gate(argument === '--update-baseline'),
  flame: async (folder = 'flame') => {
    for (const version of [18, 10]) print(await flame(folder, version));
    return true;
  },
};

const names = process.argv.slice(2);
const command = commands[names[0] ?? ''];
if (command !== undefined) process.exit((await command(names[1])) ? 0 : 1);
const unknown = names.filter((name) => !(name in scenarios));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(', ')}; there are ${Object.keys(scenarios).join(', ')}`);
  process.exit(2);
}
for (const [name, scenario] of Object.entries(scenarios)) {
  if (names.length === 0 ? !onlyByName.has(name) : names.includes(name)) print(await scenario());
}
process.exit();
