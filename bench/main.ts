/**
 * `npm run bench [name ...]`: what the relay costs, as CPU time and memory of its own process, which a noisy machine
 * changes little; compared within one run. Nothing here passes or fails by time.
 */
import { delivery } from './scenarios/delivery.ts';
import { echo } from './scenarios/echo.ts';
import { memory } from './scenarios/memory.ts';
import { handshakes } from './scenarios/handshakes.ts';
import { type Figure, print } from './lib/measure.ts';

const scenarios: Readonly<Record<string, () => Promise<readonly Figure[]>>> = { echo, delivery, handshakes, memory };

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in scenarios));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(', ')}; there are ${Object.keys(scenarios).join(', ')}`);
  process.exit(2);
}
for (const [name, scenario] of Object.entries(scenarios)) {
  if (names.length === 0 || names.includes(name)) print(await scenario());
}
process.exit(0);
