/** `polyplex loadtest`: how much a server carries, before its users find out. */
import { resolve } from 'node:path';
import { processEnvironment, readDuration } from '@polyplex/config';
import { PROFILES, runWorker, WEIGHTS } from '@polyplex/swarm';
import { Command, InvalidArgumentError, Option } from 'commander';
import { SECOND } from '@polyplex/base';
import type { LoadTestFlags } from '../loadtest/plan.ts';
import { answerOf } from '../loadtest/report-html.ts';
import { runLoadTest } from '../loadtest/run-load-test.ts';
import { interruption } from '../moving/interruption.ts';
import { CliError } from '../report-failure.ts';

const WORKER = 'loadtest-worker';
/** Between lines where they stay. */
const SHOW_MS = 5 * SECOND;

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('a whole number above 0');
  return Number(text);
}

function seconds(text: string): number {
  const ms = readDuration(text);
  if (ms === null || ms < SECOND) throw new InvalidArgumentError('a duration such as 30s or 10m');
  return Math.round(ms / SECOND);
}

function milliseconds(text: string): number {
  const ms = readDuration(text);
  if (ms === null || ms <= 0) throw new InvalidArgumentError('a duration such as 500ms or 1s');
  return ms;
}

const more = (text: string, before: readonly string[]): string[] => [...before, text];

async function loadTest(flags: LoadTestFlags): Promise<void> {
  const out = resolve(flags.out);
  const shown = process.stderr.isTTY;
  let lastShown = 0;
  const report = await runLoadTest({ ...flags, out }, {
    signal: interruption(), environment: processEnvironment(), workerCommand: WORKER,
    onProgress(line) {
      if (shown) process.stderr.write(`\r\u001b[K${line}`);
      else if (Date.now() - lastShown > SHOW_MS) {
        lastShown = Date.now();
        process.stderr.write(`${line}\n`);
      }
    },
  });
  if (shown) process.stderr.write('\r\u001b[K');
  process.stdout.write(`${answerOf(report)}\n${report.doubts.map((doubt) => `Mind: ${doubt}\n`).join('')}\nReport: ${out}/report.html, figures in report.json, k6's own output in k6.log\n`);
  if (!report.thresholdsHold) throw new CliError('FAILED', report.interrupted ? 'interrupted' : 'bounds were crossed: see the report');
}

const HELP = `
Only for servers of your own. Scenarios: connect-storm, chat (pairs and groups), offline (messages that wait), resubscription, proxy,
notifications, contact-flood, files, mixed (a day). Profiles: smoke, average, stress, spike, breakpoint (more and more until it
breaks), soak. Needs k6; the clients run on this machine, so take another one than the server's for figures that count.

Exit codes: 0 all bounds held, 1 they did not, or it failed, 2 wrong use.

Examples:
  polyplex loadtest --target "$(polyplex address --only smp)" --out smoke
  polyplex loadtest --target 'smp://…' --profile breakpoint --rate 2000 --users 500 --workers 4 --out knee \\
    --admin http://10.0.0.21:18080 --admin http://10.0.0.22:18080 --token-file reader-token --for-users 20000
  polyplex loadtest --target 'smp://…' --files 'xftp://…' --scenario files --profile stress --out files`;

export function loadTestCommand(): Command {
  return new Command('loadtest')
    .description('find out how much a server of yours carries, and write a report')
    .requiredOption('-t, --target <address>', 'of the relay, with its password')
    .option('--files <address>', 'of the file server, with its password; for the scenario files')
    .addOption(new Option('--scenario <name>', 'what users do').choices(Object.keys(WEIGHTS)).default('chat'))
    .addOption(new Option('-p, --profile <name>', 'how much load when').choices(Object.keys(PROFILES)).default('smoke'))
    .requiredOption('-o, --out <folder>', 'for the report; made when missing')
    .option('--users <n>', 'users that are connected (default: by profile)', whole)
    .option('--rate <n>', 'messages a second at the height of the profile (default: by profile)', whole)
    .option('--duration <duration>', 'of the profile (default: by profile, from 10s to 1h)', seconds)
    .option('--workers <n>', 'processes of the swarm, one for each core that it may use', whole, 1)
    .option('--admin <url>', 'admin port of a node, to know what was used up first; may be repeated', more, [])
    .option('--token-file <file>', 'with the token of those admin ports')
    .option('--delivery-p99 <duration>', 'how long 99 of 100 messages may take at most', milliseconds, SECOND)
    .option('--prometheus <url>', 'where k6 writes its metrics as it goes (remote write)')
    .option('--for-users <n>', 'estimate nodes and shards for so many users', whole)
    .option('--messages-per-day <n>', 'delivered here for each user, for that estimate', whole, 100)
    .option('--allow-foreign', 'the server has no password, and is mine')
    .option('--k6 <program>', 'k6 itself, where it is not found')
    .addHelpText('after', HELP)
    .action(loadTest);
}

/** What the load test starts for itself. */
export function loadTestWorkerCommand(): Command {
  return new Command(WORKER).description('a worker of a load test').action(async () => {
    // The parent alone decides when a worker ends, so that Ctrl-C leaves it time for its figures.
    process.on('SIGINT', () => undefined);
    await runWorker(process);
  });
}
