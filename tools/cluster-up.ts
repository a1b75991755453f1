/**
 * `npm run cluster:up`: a whole relay network on this machine, in the foreground, to try and to break. Everything ends
 * with this process, however it ends.
 */
import { createInterface } from 'node:readline';
import { LocalClusterError } from '@polyplex/local-cluster';
import { KEYS, press } from './cluster/keys.ts';
import { type Network, startNetwork } from './cluster/network.ts';
import { HELP, type Options, readOptions, UsageError } from './cluster/options.ts';

const LOOK_INTERVAL_MS = 500;

const say = (text: string): void => console.log(text);

function explain(error: unknown): void {
  const isOurs = error instanceof LocalClusterError || error instanceof UsageError;
  console.error(isOurs ? error.message : error);
}

function greeting({ address, folder, nodes, redisUrls }: Network, { dir }: Options): string {
  return `
One address, served by all nodes:

  ${address}

${nodes.map(({ adminUrl, logFile }, index) => `  Node ${index + 1}   ${adminUrl}   log ${logFile}`).join('\n')}
  Redis    ${redisUrls.join(' ')}
  Folder   ${folder} ${dir === undefined ? '(removed at the end; --dir keeps one)' : '(stays for the next start)'}

${KEYS}
`;
}

/** Says when a node ends that nobody ended here: `expected` is to be called after each key. */
function watch({ nodes }: Network): { readonly timer: NodeJS.Timeout; readonly expected: () => void } {
  let running = new Set(nodes);
  const expected = (): void => void (running = new Set(nodes.filter(({ isRunning }) => isRunning)));
  const timer = setInterval(() => {
    for (const [index, node] of nodes.entries()) {
      if (running.has(node) && !node.isRunning) say(`Node ${index + 1} has ended; its log: ${node.logFile}`);
    }
    expected();
  }, LOOK_INTERVAL_MS);
  return { timer, expected };
}

/** Resolves after Ctrl-C, SIGTERM or SIGHUP; the next one ends this process, and the watchdog all others. */
function interrupted(): Promise<void> {
  return new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  }).then(() => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
  });
}

async function run(options: Options): Promise<void> {
  say('Starting a relay network on this machine:');
  const network = await startNetwork(options, say);
  const stopping = interrupted();
  say(greeting(network, options));
  const watching = watch(network);
  let busy = Promise.resolve();
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    busy = busy.then(() => press(network, line, say)).catch(explain).finally(watching.expected);
  });
  await stopping;
  clearInterval(watching.timer);
  lines.close();
  say('\nDraining the nodes, then stopping everything; Ctrl-C stops at once.');
  await network.stop();
  say('Stopped.');
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) say(HELP);
  else await run(options);
} catch (error) {
  explain(error);
  if (error instanceof UsageError) console.error('\nnpm run cluster:up -- --help tells more.');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
// A part that hangs shall not hold up the end.
process.exit();
