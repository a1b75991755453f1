/** Thousands of lives on all cores, and agents with a mistake each, whose lives must show it: `run.ts`, as one runs it by hand. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const RUN = fileURLToPath(new URL('run.ts', import.meta.url));

function run(...options: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUN, ...options], { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

test('lives', () => {
  const { status, output } = run('--lives', '6000');
  expect(status, output).toBe(0);
  // A simulation in which nothing befalls anybody shows nothing.
  for (const what of ['deaths before a commit', 'deaths after a commit', 'commands lost', 'keys renewed', 'queues moved', 'relays gone for good']) expect(output).toContain(what);
});

test('mistakes', () => {
  const { status, output } = run('--mutants');
  expect(status, output).toBe(0);
});
