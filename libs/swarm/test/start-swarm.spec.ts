/** Workers as processes. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startSwarm, type StartSwarmOptions } from '../src/index.ts';

const CHILD = fileURLToPath(new URL('worker-child.ts', import.meta.url));
const NOWHERE = { scheme: 'smp' as const, hosts: ['127.0.0.1'], port: '1', keyHash: new Uint8Array(32), password: null };
const options = (child: string, onEnd: StartSwarmOptions['onEnd']): StartSwarmOptions => ({
  address: NOWHERE, files: null, timeoutMs: 1000, workers: 2, program: process.execPath, args: [child], onEnd,
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('two workers answer, one that dies is told of, and stop ends the rest', { timeout: 60_000 }, async () => {
  const ended = Promise.withResolvers<number>();
  const swarm = await startSwarm(options(CHILD, ended.resolve));
  expect(new Set(swarm.urls).size).toBe(2);
  expect(await swarm.stats()).toEqual([expect.objectContaining({ users: 0, failures: {} }), expect.objectContaining({ users: 0 })]);
  expect(await swarm.series()).toEqual([expect.objectContaining({ seconds: [] }), expect.objectContaining({ seconds: [] })]);
  process.kill(swarm.pids[1]!, 'SIGKILL');
  expect(await ended.promise).toBe(1);
  expect(await swarm.stats()).toEqual([expect.objectContaining({ users: 0 }), null]);
  await swarm.stop();
  expect(swarm.pids.map(isRunning)).toEqual([false, false]);
});

test('a worker that does not start leaves none behind', { timeout: 60_000 }, async () => {
  await expect(startSwarm(options(`${CHILD}.none`, () => undefined))).rejects.toMatchObject({ code: 'START', message: expect.stringMatching(/ended with 1/) as string });
});
