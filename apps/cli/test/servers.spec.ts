/** Relay and file server as one program: what starts, what is made beside what, and what must not meet. */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '@polyplex/protocol-common';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { contentOf, FREE_PORTS, launch, newFolder, polyplex, type Running, startReady } from './support.ts';

function printed({ output }: Running): { readonly smp: string | undefined; readonly xftp: string | undefined } {
  const [smp, xftp] = [/^ {2}Address +(smp:\S+)$/m, /^ {2}Address +(xftp:\S+)$/m].map((pattern) => pattern.exec(output.stdout)?.[1]);
  return { smp, xftp };
}

async function stopped(running: Running): Promise<string> {
  running.child.kill('SIGTERM');
  const { code, stdout } = await running.finished;
  expect(code).toBe(EXIT_CODES.ok);
  return stdout;
}

/** A folder as the first version made it: a relay alone. */
async function olderFolder(): Promise<string> {
  const folder = newFolder();
  expect((await polyplex(folder, ['init', '--yes'])).code).toBe(EXIT_CODES.ok);
  rmSync(join(folder, 'config/xftp'), { recursive: true });
  return folder;
}

function ofRelay(folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(contentOf(join(folder, 'config'))).filter(([path]) => !path.includes('/xftp/')));
}

describe('start', () => {
  it('runs both in one process, and both do what they should at the addresses that it prints', async () => {
    const folder = newFolder();
    const running = await startReady(folder);
    const { smp, xftp } = printed(running);
    expect([parseAddress(smp!)!.password, parseAddress(xftp!)!.password]).toEqual(Array(2).fill(readFileSync(join(folder, 'config/password'), 'utf8').trim()));
    const checked = await polyplex(folder, ['check', `${smp}\n${xftp}\n`]);
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringMatching(/The server works \(SMP version 18\)[^]*The server works \(XFTP version 3\)/)]);
    const legacy = await polyplex(folder, ['check', '--json', '--legacy', xftp!]);
    expect(JSON.parse(legacy.stdout)).toMatchObject({ protocol: 'xftp', version: 1, ok: true });
    await stopped(running);
    expect(['data/smp/data.mdb', 'data/xftp/records/data.mdb', 'data/xftp/files'].filter((each) => !existsSync(join(folder, each)))).toEqual([]);
  });

  it.each([['smp', 'xftp', 'SMP relay'], ['xftp', 'smp', 'XFTP file server']] as const)('--only %s makes and runs that one alone', async (only, other, title) => {
    const folder = newFolder();
    const running = await startReady(folder, ['--only', only]);
    expect(printed(running)[other]).toBeUndefined();
    const stdout = await stopped(running);
    expect(stdout).toContain(`Polyplex 0.1.0: ${title}\n`);
    expect(existsSync(join(folder, 'data', other))).toBe(false);
    const addresses = await polyplex(folder, ['address', '--only', only]);
    expect([addresses.code, addresses.stdout]).toEqual([0, expect.stringMatching(new RegExp(`^${only}://\\S+\\n$`))]);
  });

  it('tells ports that both would have before anything is made, naming both settings', async () => {
    const folder = newFolder();
    const { code, stderr } = await polyplex(folder, ['start', '--set', 'listen.sharedPort=443', '--set', 'xftpListen.ports=443', '--set', 'xftpAdmin.port=8080']);
    expect(code).toBe(EXIT_CODES.config);
    for (const pair of [/xftpListen\.ports: port 443 is that of listen\.sharedPort too/, /xftpAdmin\.port: port 8080 is that of admin\.port too/]) expect(stderr).toMatch(pair);
    expect(contentOf(folder)).toEqual({});
    const apart = ['--set', 'listen.sharedPort=443', '--set', 'xftpListen.ports=443', '--set', 'listen.host=127.0.0.1', '--set', 'xftpListen.host=127.0.0.2'];
    expect((await polyplex(folder, ['config', 'print', ...apart])).code, 'two addresses of one machine').toBe(EXIT_CODES.ok);
    expect((await polyplex(folder, ['config', 'print', '--set', 'xftpListen.ports=5223', '--set', 'servers.run=xftp'])).code, 'one is off').toBe(EXIT_CODES.ok);
  });
});

describe('a relay that was there before file servers were', () => {
  it('gets one on the next start, and stays what it is', async () => {
    const folder = await olderFolder();
    const before = ofRelay(folder);
    expect((await polyplex(folder, ['config', 'check'])).code).toBe(EXIT_CODES.ok);
    const addresses = await polyplex(folder, ['address']);
    expect([addresses.code, addresses.stdout, addresses.stderr]).toEqual([0, expect.stringMatching(/^smp:\S+\n$/), expect.stringContaining('no identity yet')]);
    const stdout = await stopped(await startReady(folder));
    expect(stdout).toMatch(/A file server was made beside the other server[^]*xftp\/ca[^]*xftp:\/\//);
    expect(stdout, 'what may be a log').not.toContain(readFileSync(join(folder, 'config/password'), 'utf8').trim());
    expect(ofRelay(folder)).toEqual(before);
    expect((await polyplex(folder, ['address'])).stdout.split('\n')).toEqual([addresses.stdout.trim(), expect.stringMatching(/^xftp:\/\/.*:5443$/), '']);
    expect(await stopped(await startReady(folder))).not.toContain('was made');
  });

  it('gets one by init', async () => {
    const folder = await olderFolder();
    const before = ofRelay(folder);
    const { code, stdout } = await polyplex(folder, ['init', '--yes']);
    expect([code, stdout]).toEqual([EXIT_CODES.ok, expect.stringMatching(/A new file server[^]*xftp:\/\//)]);
    expect(stdout).not.toContain('smp://');
    expect(ofRelay(folder)).toEqual(before);
  });

  it('goes on alone where its folder is for reading only, unless the file server was asked for', async () => {
    const folder = await olderFolder();
    const user = process.getuid?.() === 0 ? 65_534 : undefined;
    if (user !== undefined) for (const path of [folder, ...['config', 'config/ca', 'data'].map((each) => join(folder, each)), ...Object.keys(contentOf(folder))]) chownSync(path, user, user);
    chmodSync(join(folder, 'config'), 0o500);
    const running = launch(folder, ['start', '--no-qr', ...FREE_PORTS], {}, user);
    await expect.poll(() => running.output.stdout, { timeout: 20_000 }).toContain('Ready.');
    expect(await stopped(running)).toMatch(/No file server: its identity is to be made in .*config\/xftp, which cannot be written/);
    expect((await launch(folder, ['start', ...FREE_PORTS, '--set', 'servers.run=all'], {}, user).finished).code).toBe(EXIT_CODES.identity);
    chmodSync(join(folder, 'config'), 0o700);
  });

  it('as one of many nodes gets none, and says so', async () => {
    const folder = newFolder();
    const settings = ['--set', 'storage.engine=redis', '--set', 'redis.urls=redis://127.0.0.1:1', '--set', 'redis.timeout=1s'];
    expect((await polyplex(folder, ['start', ...FREE_PORTS, ...settings])).code).toBe(EXIT_CODES.storage);
    expect(existsSync(join(folder, 'config/server.crt'))).toBe(true);
    expect(existsSync(join(folder, 'config/xftp'))).toBe(false);
  });
});

describe('a file server\'s identity', () => {
  it('of which a part is lost is not made anew', async () => {
    const folder = newFolder();
    await polyplex(folder, ['init', '--yes']);
    unlinkSync(join(folder, 'config/xftp/server.key'));
    const before = contentOf(folder);
    for (const command of [['init', '--yes'], ['start', ...FREE_PORTS]]) {
      const { code, stderr } = await polyplex(folder, command);
      expect([code, stderr]).toEqual([EXIT_CODES.identity, expect.stringMatching(/config\/xftp holds part of a file server's identity.*but not server\.key/)]);
    }
    expect(contentOf(folder)).toEqual(before);
  });

  it('that is lost is not replaced where its files are', async () => {
    const folder = newFolder();
    await stopped(await startReady(folder));
    rmSync(join(folder, 'config/xftp'), { recursive: true });
    const { code, stderr } = await polyplex(folder, ['start', ...FREE_PORTS]);
    expect([code, stderr]).toEqual([EXIT_CODES.identity, expect.stringMatching(/data\/xftp holds the data of a file server/)]);
  });

  it('gets a new certificate with the relay\'s, or alone; without its CA key neither is touched', async () => {
    const folder = newFolder();
    await polyplex(folder, ['init', '--yes']);
    const { stdout: addresses } = await polyplex(folder, ['address']);
    const pairs = (): string[] => ['server.crt', 'xftp/server.crt'].map((file) => readFileSync(join(folder, 'config', file), 'utf8'));
    const [relay, files] = pairs();
    expect((await polyplex(folder, ['cert', 'rotate', '--only', 'xftp'])).code).toBe(EXIT_CODES.ok);
    expect([pairs()[0] === relay, pairs()[1] === files]).toEqual([true, false]);
    const both = await polyplex(folder, ['cert', 'rotate']);
    expect([both.code, both.stdout.match(/the address stays the same/g)?.length]).toEqual([EXIT_CODES.ok, 2]);
    expect(pairs()[0]).not.toBe(relay);
    expect((await polyplex(folder, ['address'])).stdout).toBe(addresses);
    const before = contentOf(folder);
    const wrong = await polyplex(folder, ['cert', 'rotate', '--only', 'xftp', '--ca-key', 'config/ca/ca.key']);
    expect([wrong.code, contentOf(folder)]).toEqual([EXIT_CODES.identity, before]);
    mkdirSync(join(folder, 'safe'));
    rmSync(join(folder, 'config/xftp/ca'), { recursive: true });
    const after = contentOf(folder);
    expect((await polyplex(folder, ['cert', 'rotate'])).code).toBe(EXIT_CODES.identity);
    expect(contentOf(folder)).toEqual(after);
  });
});

describe('xftp', () => {
  it('acts on the running file server, by its admin port and token', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'token'), 'a-token\n');
    const running = await startReady(folder, ['--only', 'xftp', '--set', 'xftpAdmin.tokenFile=token']);
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(running.output.stdout)![1]!;
    const settings = ['--set', `xftpAdmin.port=${port}`, '--set', 'xftpAdmin.tokenFile=token'];
    const id = `-${'A'.repeat(21)}==`;
    expect(await polyplex(folder, ['xftp', 'status', id, ...settings])).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('no file has a recipient') });
    expect(await polyplex(folder, ['xftp', 'block', '--reason', 'spam', '--notice', '30d', 'no id', ...settings])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('no id cannot be read') });
    expect((await polyplex(folder, ['xftp', 'delete', id, '--set', `xftpAdmin.port=${port}`])).stderr).toContain('token');
    expect((await polyplex(folder, ['xftp', 'block', id])).code, 'a reason is needed').toBe(EXIT_CODES.usage);
    expect((await polyplex(folder, ['xftp', 'status', id, '--set', 'xftpAdmin.port=1'])).stderr).toContain('is the file server running?');
  });
});

describe('check', () => {
  it('tells another file server, one that is not there, and one that wants a password', async () => {
    const folder = newFolder();
    const { xftp = '' } = printed(await startReady(folder, ['--only', 'xftp', '--password']));
    const check = (address: string) => polyplex(folder, ['check', '--timeout', '5', address]);
    const [other, gone, bare] = await Promise.all([
      check(xftp.replace(/\/\/[^:@]+/, '//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=')), check(xftp.replace(/:\d+$/, ':1')), check(xftp.replace(/:[^:@/]+@/, '@')),
    ]);
    expect([other.code, other.stdout]).toEqual([4, expect.stringContaining('Another server answers')]);
    expect([gone.code, gone.stdout]).toEqual([3, expect.stringContaining('cannot be reached')]);
    expect([bare.code, bare.stdout]).toEqual([1, expect.stringContaining('may need a password')]);
    expect((await check('gopher://AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=@a')).code).toBe(2);
  });
});
