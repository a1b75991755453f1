/** Every command by its result: files, output and exit code. */
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseAddress } from '@polyplex/protocol-common';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { VERSION } from '../src/version.ts';
import { contentOf, newFolder, polyplex, startReady } from './support.ts';

const INIT = ['init', '--yes', '--host', 'smp.example.org,abc.onion'];

describe('init', () => {
  it('makes files that only their owner may read, and an address', async () => {
    const folder = newFolder();
    const { code, stdout } = await polyplex(folder, INIT);
    expect(code, stdout).toBe(EXIT_CODES.ok);
    const made = Object.keys(contentOf(join(folder, 'config'))).map((path) => path.slice(folder.length + 1)).sort();
    expect(made).toEqual([
      'config/ca/README.txt', 'config/ca/ca.crt', 'config/ca/ca.key', 'config/fingerprint', 'config/password', 'config/polyplex.yaml',
      'config/server.crt', 'config/server.key', 'config/xftp/ca/README.txt', 'config/xftp/ca/ca.crt', 'config/xftp/ca/ca.key',
      'config/xftp/fingerprint', 'config/xftp/server.crt', 'config/xftp/server.key',
    ]);
    for (const file of made) expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600);
    for (const each of ['config', 'config/ca', 'config/xftp', 'config/xftp/ca', 'data']) expect(statSync(join(folder, each)).mode & 0o777, each).toBe(0o700);
    const [relay, files] = [/smp:\/\/\S+/, /xftp:\/\/\S+/].map((pattern) => parseAddress(pattern.exec(stdout)![0])!);
    for (const address of [relay!, files!]) {
      expect(address.hosts).toEqual(['smp.example.org', 'abc.onion']);
      expect(address.password).toBe(readFileSync(join(folder, 'config/password'), 'utf8').trim());
    }
    expect([relay!.port, files!.port]).toEqual(['', '5443']);
    expect(files!.keyHash).not.toEqual(relay!.keyHash);
  });

  it('overwrites nothing, whichever file is there', async () => {
    const folder = newFolder();
    await polyplex(folder, INIT);
    const before = contentOf(folder);
    expect(await polyplex(folder, INIT)).toMatchObject({ code: EXIT_CODES.identity, stdout: '', stderr: expect.stringContaining('nothing was changed') });
    expect(contentOf(folder)).toEqual(before);
    unlinkSync(join(folder, 'config/polyplex.yaml'));
    const { [join(folder, 'config/polyplex.yaml')]: _, ...rest } = before;
    expect((await polyplex(folder, INIT)).code).toBe(EXIT_CODES.identity);
    expect(contentOf(folder)).toEqual(rest);
  });

  it('cuts a host name to what a certificate can hold', async () => {
    const folder = newFolder();
    expect(await polyplex(folder, ['init', '--yes', '--host', `${'é'.repeat(40)}.org`])).toMatchObject({ code: EXIT_CODES.ok, stderr: '' });
    expect((await polyplex(folder, ['config', 'check'])).code).toBe(EXIT_CODES.ok);
  });

  it('takes password, port, algorithm and folders', async () => {
    const folder = newFolder();
    const args = ['init', '-y', '--password', 'open-sesame', '--port', '5222', '--file-port', '443', '-a', 'ed448', '-c', 'etc', '-d', 'var'];
    expect((await polyplex(folder, args)).code).toBe(EXIT_CODES.ok);
    const { stdout } = await polyplex(folder, ['address', '-c', 'etc']);
    expect(stdout).toMatch(/^smp:\/\/[\w-]+=:open-sesame@localhost:5222\nxftp:\/\/[\w-]+=:open-sesame@localhost\n$/);
    expect((await polyplex(folder, ['address', '--no-password'], { POLYPLEX_CONFIG_DIR: 'etc' })).stdout).not.toContain('open-sesame');
    expect((await polyplex(folder, ['config', 'print', '-c', 'etc'])).stdout).toContain(`dataDir: ${join(folder, 'var')}`);
  });

  it.each([[['--password', 'two words']], [['--host', 'no host']], [['--host', 'a\u0001b']], [['--port', '70000']], [['--algorithm', 'rsa']], [['--no-such-flag']], [['extra']]])(
    'refuses %j as wrong use, and makes nothing', async (args) => {
      const folder = newFolder();
      expect((await polyplex(folder, ['init', '--yes', ...args])).code).toBe(EXIT_CODES.usage);
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

describe('config', () => {
  it('check reads what the settings name', async () => {
    const folder = newFolder();
    await polyplex(folder, INIT);
    expect(await polyplex(folder, ['config', 'check'])).toMatchObject({ code: EXIT_CODES.ok, stderr: '' });
    writeFileSync(join(folder, 'config/password'), '\n');
    expect(await polyplex(folder, ['config', 'check'])).toMatchObject({ code: EXIT_CODES.config, stderr: expect.stringContaining('access.passwordFile') });
  });

  it('check says all that is wrong with files, not the first of it', async () => {
    const folder = newFolder();
    await polyplex(folder, INIT);
    for (const file of ['server.crt', 'server.key', 'xftp/server.key']) unlinkSync(join(folder, 'config', file));
    writeFileSync(join(folder, 'config/password'), '\n');
    const { code, stderr } = await polyplex(folder, ['config', 'check', '--set', 'admin.tokenFile=nowhere', '--set', 'xftpAdmin.tokenFile=nowhere']);
    expect(code).toBe(EXIT_CODES.identity);
    for (const name of ['server.crt', 'server.key', 'xftp/server.key', 'access.passwordFile', 'admin.tokenFile', 'xftpAdmin.tokenFile']) expect(stderr).toContain(name);
  });

  it.each([
    ['listen.host', ['listen.host=300.1.1.1']],
    ['listen.trustedProxies', ['listen.proxyProtocol=on', 'listen.trustedProxies=10.0.0.0/33']],
    ['xftpListen.host', ['xftpListen.host=300.1.1.1']],
    ['s3.endpoint', ['s3.endpoint=s3.example.org']],
  ])('check finds the wrong %s that a start would stumble over', async (setting, settings) => {
    const folder = newFolder();
    await polyplex(folder, INIT);
    const { code, stderr } = await polyplex(folder, ['config', 'check', ...settings.flatMap((each) => ['--set', each])]);
    expect([code, stderr]).toEqual([EXIT_CODES.config, expect.stringContaining(setting)]);
  });

  it('print shows origins and no secrets', async () => {
    const folder = newFolder();
    await polyplex(folder, [...INIT, '--password', 'open-sesame']);
    const { stdout } = await polyplex(folder, ['config', 'print', '-s', 'messages.quota=5'], { POLYPLEX_LISTEN_PORTS: '1,2' });
    expect(stdout).toMatch(/hosts: .*smp\.example\.org.* {2}# .*polyplex\.yaml:3/);
    expect(stdout).toMatch(/quota: 5 {2}# --set messages\.quota/);
    expect(stdout).toMatch(/ports: \[ 1, 2 \] {2}# POLYPLEX_LISTEN_PORTS/);
    expect(stdout).not.toContain('open-sesame');
  });
});

describe('queue', () => {
  it('acts on the running relay, by its admin port and token', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'token'), 'a-token\n');
    const running = await startReady(folder, ['--set', 'admin.tokenFile=token']);
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(running.output.stdout)![1]!;
    const settings = ['--set', `admin.port=${port}`, '--set', 'admin.tokenFile=token'];
    const id = 'A'.repeat(32);
    expect(await polyplex(folder, ['queue', 'status', id, ...settings])).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('no queue has this id') });
    expect((await polyplex(folder, ['queue', 'block', '--reason', 'spam', '--notice', '30d', 'no id', ...settings])).stderr).toContain('base64url');
    expect((await polyplex(folder, ['queue', 'delete', id, '--set', `admin.port=${port}`])).stderr).toContain('token');
  });

  it('says when there is no relay', async () => {
    const { code, stderr } = await polyplex(newFolder(), ['queue', 'unblock', 'A'.repeat(32), '--set', 'admin.port=1']);
    expect([code, stderr]).toEqual([EXIT_CODES.failed, expect.stringContaining('is the relay running?')]);
  });

  it('says when something else answers there', async () => {
    const other = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, stderr } = await polyplex(newFolder(), ['queue', 'status', 'A'.repeat(32), '--set', `admin.port=${port}`]);
    other.close();
    expect([code, stderr]).toEqual([EXIT_CODES.failed, expect.stringContaining('not the relay\'s admin port (HTTP status 200)')]);
  });

  it('needs a reason to block', async () => {
    expect((await polyplex(newFolder(), ['queue', 'block', 'AAAA'])).code).toBe(EXIT_CODES.usage);
  });
});

describe('the command line', () => {
  it('has a version, which is the package\'s', async () => {
    expect(await polyplex(newFolder(), ['--version'])).toMatchObject({ code: 0, stdout: `${VERSION}\n` });
    const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(VERSION).toBe(manifest.version);
  });

  it('helps with examples and exit codes', async () => {
    const { code, stdout } = await polyplex(newFolder(), ['--help']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/Examples:[^]*Exit codes:/)]);
    const commands = ['init', 'start', 'address', 'check', 'config', 'cert', 'queue', 'xftp', 'store'];
    const helps = await Promise.all(commands.map((command) => polyplex(newFolder(), [command, '--help'])));
    helps.forEach((help, i) => expect(help.stdout, commands[i]).toContain('Example'));
  });

  it('refuses what it does not know', async () => {
    expect((await polyplex(newFolder(), ['strat'])).code).toBe(EXIT_CODES.usage);
    expect((await polyplex(newFolder(), [])).code).toBe(EXIT_CODES.usage);
  });
});
