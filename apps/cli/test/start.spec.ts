/** `polyplex start`: what it makes, what it says, and how it ends. */
import { once } from 'node:events';
import { unlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { contentOf, FREE_PORTS, launch, newFolder, polyplex, type Running, startReady } from './support.ts';

const INIT = ['init', '--yes', '--host', 'smp.example.org,abc.onion'];

describe('start', () => {
  it('makes a relay from the environment where there is none, and keeps it', async () => {
    const folder = newFolder();
    const variables = { POLYPLEX_ADDRESS_HOSTS: 'smp.example.org' };
    const first = await startReady(folder, [], variables);
    first.child.kill('SIGTERM');
    expect((await first.finished).code).toBe(EXIT_CODES.ok);
    expect(first.output.stdout).toContain('First start');
    const before = contentOf(join(folder, 'config'));
    const second = await startReady(folder);
    expect(second.output.stdout).not.toContain('First start');
    expect(second.output.stdout).toContain('@smp.example.org');
    second.child.kill('SIGINT');
    expect((await second.finished).code).toBe(EXIT_CODES.ok);
    expect(contentOf(join(folder, 'config'))).toEqual(before);
    expect(second.output.stderr).toMatch(/info {2}stopping\n.*info {2}stopped\n$/);
  });

  it('makes no second identity where part of one is', async () => {
    const folder = newFolder();
    await polyplex(folder, INIT);
    for (const file of ['server.crt', 'server.key']) unlinkSync(join(folder, 'config', file));
    const { code, stderr } = await polyplex(folder, ['start']);
    expect([code, stderr]).toEqual([EXIT_CODES.identity, expect.stringMatching(/but not server\.key, server\.crt; nothing was changed\.[^]*cert rotate/)]);
  });

  it('shows the address as QR code', async () => {
    const started = launch(newFolder(), ['start', ...FREE_PORTS]);
    await expect.poll(() => started.output.stdout, { timeout: 20_000 }).toContain('Ready.');
    expect(started.output.stdout).toMatch(/█.*\n.*█/);
  });

  it('writes the password into what may be a log on the first start only', async () => {
    const folder = newFolder();
    const settings = { POLYPLEX_ACCESS_PASSWORD_FILE: join(folder, 'password') };
    writeFileSync(join(folder, 'password'), 'open-sesame\n');
    const shown = async (...flags: readonly string[]): Promise<boolean> => {
      const running = await startReady(folder, flags, settings);
      running.child.kill('SIGTERM');
      const { stdout } = await running.finished;
      expect(stdout.includes('see "polyplex address"')).toBe(!stdout.includes('open-sesame'));
      return stdout.includes('open-sesame');
    };
    expect([await shown(), await shown(), await shown('--password'), await shown('--no-password')]).toEqual([true, false, true, false]);
  });

  it('logs JSON where that is wanted', async () => {
    const { child, finished } = await startReady(newFolder(), ['--set', 'log.format=json']);
    child.kill('SIGTERM');
    const lines = (await finished).stderr.trim().split('\n').map((line) => JSON.parse(line) as { message: string });
    expect(lines.map(({ message }) => message)).toEqual(['stopping', 'stopped']);
  });

  it('says all that is wrong with its configuration', async () => {
    const { code, stderr } = await polyplex(newFolder(), ['start', '--set', 'messages.quota=0', '--set', 'admin.prot=1'], { POLYPLEX_LOG_LEVEL: 'loud' });
    expect(code).toBe(EXIT_CODES.config);
    for (const name of ['messages.quota', 'did you mean admin.port?', 'POLYPLEX_LOG_LEVEL']) expect(stderr).toContain(name);
  });
});

/** A client of the admin port that asks nothing: a stop waits for it for a moment. */
async function silentClient({ output }: Running): Promise<Socket> {
  const socket = connect(Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(output.stdout)![1]), '127.0.0.1');
  await once(socket, 'connect');
  return socket.resume();
}

const IN_ORDER = /info {2}stopping\n.*info {2}stopped\n$/;

describe('a signal', () => {
  it('that comes twice, as from Ctrl-C under npm, ends it in order', async () => {
    const running = await startReady(newFolder());
    await silentClient(running);
    running.child.kill('SIGINT');
    await once(running.child.stderr!, 'data');
    running.child.kill('SIGINT');
    expect(await running.finished).toMatchObject({ code: EXIT_CODES.ok, stderr: expect.stringMatching(IN_ORDER) });
  });

  it('ends it although clients of the admin port ask nothing', async () => {
    const running = await startReady(newFolder());
    await silentClient(running);
    running.child.kill('SIGTERM');
    expect(await running.finished).toMatchObject({ code: EXIT_CODES.ok, stderr: expect.stringMatching(IN_ORDER) });
  });

  it('ends it although something is left that would keep a process alive', async () => {
    const { child, finished } = await startReady(newFolder(), [], { NODE_OPTIONS: '--import=data:text/javascript,setInterval(()=>{},1e6)' });
    child.kill('SIGTERM');
    expect(await finished).toMatchObject({ code: EXIT_CODES.ok, stderr: expect.stringMatching(IN_ORDER) });
  });
});
