/** However the process ends that started them, the parts end too. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePort, waitUntil } from '../src/index.ts';
import { isAlive } from './processes.ts';

const CHILD = fileURLToPath(new URL('starter-child.ts', import.meta.url));

test.each(['SIGKILL', 'SIGINT'] as const)('after %s', async (signal) => {
  const child = spawn(process.execPath, [CHILD], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const text = await waitUntil('the parts', () => (output.endsWith('\n') ? output : undefined));
  const { pids, folder } = JSON.parse(text) as { pids: number[]; folder: string };
  expect(pids.filter(isAlive)).toEqual(pids);
  child.kill(signal);
  await waitUntil('the end of the parts', () => (pids.some(isAlive) || existsSync(folder) ? undefined : true));
});

test('ports are handed out once', async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, freePort));
  expect(new Set(ports).size).toBe(200);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});
