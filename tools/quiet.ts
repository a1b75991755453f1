/**
 * Runs a command and shows what it printed only when it fails: `node tools/quiet.ts nx run cli:build`. A start should
 * show the relay's address, not the story of a build.
 */
import { spawnSync } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error('usage: node tools/quiet.ts COMMAND [ARGUMENT...]');
  process.exit(2);
}

const { status, stdout, stderr, error } = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
if (error !== undefined) {
  console.error(`${command}: ${error.message}`);
  process.exit(1);
}
if (status !== 0) {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
}
process.exitCode = status ?? 1;
