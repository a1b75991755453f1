/** Operators at the command line: the built program against running servers with real clients. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64Url } from '@polyplex/base';
import { connectSmp, createQueue } from '@polyplex/client';
import { randomBytes } from '@polyplex/crypto';
import { parseAddress } from '@polyplex/protocol-common';
import { parseQueueName } from '@polyplex/protocol-agent';
import { expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { newFolder, polyplex, type Running, startReady } from './support.ts';

/** Each is many commands, and a command a process. */
const TIMEOUT_MS = 120_000;

/** Settings by which commands find the running servers; their admin ports, the relay's first. */
function portsOf({ output }: Running): { readonly settings: readonly string[]; readonly urls: readonly string[] } {
  const urls = [...output.stdout.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url);
  const [smp, xftp] = urls.map((url) => url.split(':').at(-1)!);
  return { urls, settings: ['--set', `admin.port=${smp!}`, ...(xftp === undefined ? [] : ['--set', `xftpAdmin.port=${xftp}`])] };
}

function relayIn({ output }: Running): ReturnType<typeof parseAddress> {
  return parseAddress(/smp:\/\/\S+/.exec(output.stdout)![0]);
}

it('queue finds a queue by id, link and address, and says what it did for people and for scripts', { timeout: TIMEOUT_MS }, async () => {
  const folder = newFolder();
  const running = await startReady(folder, ['--only', 'smp', '--password']);
  const { settings } = portsOf(running);
  const address = relayIn(running)!;
  const client = await connectSmp({ address: { ...address, hosts: ['127.0.0.1'] } });
  const key = Buffer.from(randomBytes(32)).toString('base64url');
  const link = `https://smp.example.org/a#${key}`;
  const linkId = parseQueueName(link)!.id;
  const queue = await createQueue(client, { mode: 'C', link: { linkId, fixedData: new Uint8Array(2048), userData: new Uint8Array(13_824) }, password: address.password });
  const run = (...args: readonly string[]) => polyplex(folder, ['queue', ...args, ...settings]);
  const senderId = toBase64Url(queue.senderId);
  for (const name of [link, senderId, toBase64Url(linkId), `smp://${toBase64Url(address.keyHash)}@localhost/${senderId}#/?v=1-4`]) {
    const { code, stdout } = await run('status', name);
    expect([code, stdout], name).toEqual([EXIT_CODES.ok, expect.stringMatching(/^status: {4}active\nmode: {6}contact\nlast used: \d{4}-\d\d-\d\d\nmessages: {2}0\n$/)]);
  }
  expect((await run('block', '--reason', 'content', '--notice', '30d', link)).stdout).toMatch(/^blocked \([0-9a-f]{12} in the audit log\)\n$/);
  expect(JSON.parse((await run('status', '--json', link)).stdout)).toMatchObject({ status: 'blocked (content)', messages: 0 });
  expect(JSON.parse((await run('unblock', '--json', senderId)).stdout)).toEqual({ status: 'active', target: expect.any(String) });
  expect((await run('delete', link)).stdout).toContain('deleted, with 0 messages');
  expect(await run('delete', link)).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('no queue has this id (the link is of smp.example.org') });
  expect(await run('status', 'https://smp.example.org/a')).toMatchObject({ code: EXIT_CODES.usage, stderr: expect.stringContaining('quote it') });
  const audit = JSON.parse((await polyplex(folder, ['admin', 'audit', '--only', 'smp', '--json', ...settings])).stdout) as { smp: { entries: { action: string; target: string; result: string }[] } };
  expect(audit.smp.entries.map(({ action, result }) => `${action}: ${result}`)).toEqual(['queue block: ok', 'queue unblock: ok', 'queue delete: ok', 'queue delete: missing']);
  expect(new Set(audit.smp.entries.map(({ target }) => target)).size, 'by link id and by sender id').toBe(2);
  client.close();
});

it('xftp acts on all chunks of a link, and on one by its id', { timeout: TIMEOUT_MS }, async () => {
  const folder = newFolder();
  const running = await startReady(folder, ['--only', 'xftp', '--password']);
  const settings = ['--set', `xftpAdmin.port=${/http:\/\/127\.0\.0\.1:(\d+)/.exec(running.output.stdout)![1]!}`];
  writeFileSync(join(folder, 'photo'), randomBytes(2_000_000));
  const server = /xftp:\/\/\S+/.exec(running.output.stdout)![0].replace('localhost', '127.0.0.1');
  const sent = await polyplex(folder, ['file', 'send', 'photo', '--server', server, '--no-links']);
  expect(sent).toMatchObject({ code: EXIT_CODES.ok });
  const description = join(folder, 'photo.xftp/rcv1.xftp');
  const run = (...args: readonly string[]) => polyplex(folder, ['xftp', ...args, ...settings]);
  const ids = (await polyplex(folder, ['file', 'info', '--ids', description])).stdout.split('\n').flatMap((line) => /^([\w-]{22}==) xftp:/.exec(line)?.[1] ?? []);
  expect(ids.length).toBeGreaterThan(1);
  const states = async (): Promise<unknown[]> => (await run('status', '--json', description)).stdout.trim().split('\n').map((line) => (JSON.parse(line) as { status: unknown }).status);
  expect(await states()).toEqual(ids.map(() => 'active'));
  expect((await run('delete', ids[0]!)).stdout).toContain('deleted');
  const blocked = await run('block', '--reason', 'spam', description);
  expect([blocked.code, blocked.stdout.trim().split('\n').length, blocked.stderr]).toEqual([EXIT_CODES.failed, ids.length - 1, expect.stringContaining('chunk 1: refused: no file has a recipient')]);
  expect((await run('unblock', ids[1]!)).stdout).toMatch(/^unblocked /);
  expect((await run('status', ids[1]!)).stdout).toContain('not uploaded');
  const senderSide = readFileSync(join(folder, 'photo.xftp/snd.xftp.private'), 'utf8');
  writeFileSync(join(folder, 'snd'), senderSide);
  expect((await run('status', 'snd')).code).toBe(EXIT_CODES.usage);
});

it('admin asks both servers, one, or the one at a URL with a token', { timeout: TIMEOUT_MS }, async () => {
  const folder = newFolder();
  for (const name of ['admin', 'reader']) writeFileSync(join(folder, `${name}.token`), `token of ${name}\n`);
  const tokens = ['admin', 'xftpAdmin'].flatMap((section) => ['--set', `${section}.tokenFile=admin.token`, '--set', `${section}.readerTokenFile=reader.token`]);
  const running = await startReady(folder, tokens);
  const { settings, urls } = portsOf(running);
  const run = (...args: readonly string[]) => polyplex(folder, ['admin', ...args, ...settings, ...tokens]);
  expect((await run('log-level')).stdout).toBe('Relay\n  info\n\nFile server\n  info\n');
  expect((await run('log-level', 'debug', '--only', 'smp')).stdout).toBe('debug\n');
  expect(JSON.parse((await run('log-level', '--json', '--only', 'smp')).stdout)).toEqual({ smp: { level: 'debug' } });
  expect(await run('log-level', 'loud')).toMatchObject({ code: EXIT_CODES.usage });
  expect(JSON.parse((await run('stats', '--json')).stdout)).toMatchObject({ smp: { qCreated: 0 }, xftp: { filesCreated: 0 } });
  expect((await run('clients')).stdout).toMatch(/^Connections: 0\nSessions by version:/);
  expect((await run('save')).stdout).toBe('Relay\n  saved\n\nFile server\n  saved\n');
  expect((await run('backup', 'status')).stdout).toContain('No backup since the start.');
  expect(await run('backup', 'start', '--wait', '--only', 'smp')).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/^name: +\S+\nstate: +done\n/) });
  const reader = ['--url', urls[0]!, '--token-file', 'reader.token'];
  expect((await polyplex(folder, ['admin', 'log-level', ...reader])).stdout).toBe('debug\n');
  expect(await polyplex(folder, ['admin', 'log-level', 'info', ...reader])).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('look and change nothing') });
  expect(await polyplex(folder, ['admin', 'audit', ...reader])).toMatchObject({ code: EXIT_CODES.failed });
  expect((await run('audit', '--only', 'smp')).stdout).toMatch(/Time +Role +Action[^]*admin +log level +debug +ok/);
  expect(await polyplex(folder, ['admin', 'stats', '--url', urls[0]!])).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('a token is required') });
  expect(await polyplex(folder, ['admin', 'stats', '--url', 'http://127.0.0.1:1'])).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('is the relay running?') });
  expect(await polyplex(folder, ['admin', 'stats', '--url', 'nonsense'])).toMatchObject({ code: EXIT_CODES.usage });
});

it.each([['queue', []], ['xftp', []], ['admin', []], ['admin', ['backup']]])('%s %j shows examples in its help', async (name, rest) => {
  const { code, stdout } = await polyplex(newFolder(), [name, ...rest, '--help']);
  expect(code).toBe(EXIT_CODES.ok);
  if (rest.length === 0) expect(stdout).toContain(`Examples:\n  polyplex ${name} `);
});
