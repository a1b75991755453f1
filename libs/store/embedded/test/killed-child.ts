/** A process that works in a folder until it is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';

/** The lines that the child had written when it was killed, `aliveMs` after the first. */
export async function runAndKill(script: string, path: string, aliveMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  child.stdout.on('data', (data: Buffer) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), aliveMs);
    output += data.toString('latin1');
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal, errors).toBe('SIGKILL');
  return output.split('\n').slice(0, -1);
}
