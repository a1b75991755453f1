/** `deploy/install.sh` with a folder in place of the machine's root, a release made of small files, and programs that only write down how they were called. */
import { execFile } from 'node:child_process';
import { access, chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workspaceRoot } from '../workspaces.ts';

const run = promisify(execFile);
const DEPLOY = join(workspaceRoot, 'deploy');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-install-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the install script says what it would do, and refuses what it does not know', async () => {
  const { stdout } = await run(join(DEPLOY, 'install.sh'), ['--dry-run', '--host', 'smp.example.org', '--prefix', join(folder, 'program')]);
  expect(stdout).toContain('polyplex init --yes --host smp.example.org');
  const { stdout: help } = await run(join(DEPLOY, 'install.sh'), ['--help']);
  const units = /^UNITS=\((.*)\)$/m.exec(await readFile(join(DEPLOY, 'install.sh'), 'utf8'))![1]!.split(' ');
  for (const unit of units) await access(join(DEPLOY, 'systemd', unit));
  for (const word of ['install', 'upgrade', 'uninstall', '--dry-run']) expect(help).toContain(word);
  await expect(run(join(DEPLOY, 'install.sh'), ['--dry-run', '--hots', 'a'])).rejects.toMatchObject({ code: 2 });
  await expect(run(join(DEPLOY, 'install.sh'), ['--dry-run', '--host', 'a', '--prefix', 'relative'])).rejects.toMatchObject({ code: 1 });
  expect(await readdir(folder)).toEqual([]);
});

interface Outcome {
  readonly code: number;
  readonly said: string;
  /** What was called meanwhile, in order. */
  readonly calls: readonly string[];
}

/** Who is called writes down `NAME ARGUMENTS`, then does this. */
const STUBS: Readonly<Record<string, string>> = {
  'systemctl': `case "$1 $*" in
    is-active*) [ -e "$ROOT/running" ] ;;
    enable*|start*) touch "$ROOT/running" ;;
    stop*) rm -f "$ROOT/running" ;;
    *NRestarts*) cat "$ROOT/restarts" 2>/dev/null || echo 0 ;;
    *polyplex-smp@*) if [ -e "$ROOT/nodes" ]; then echo "polyplex-smp@a.service loaded active running Relay"; fi ;;
  esac`,
  'systemd-sysusers': '', 'chown': '', 'runuser': '',
  'npm': 'mkdir -p node_modules',
  'node': 'echo 24',
  'journalctl': 'echo "port 5223 is in use by another process"',
  // The user polyplex is not there.
  'install': 'for word; do shift; case $word in -o|-g) skip=1 ;; polyplex) [ -n "$skip" ] || set -- "$@" "$word"; skip= ;; *) set -- "$@" "$word" ;; esac; done; exec /usr/bin/install "$@"',
};

/** The program: not ready as often as `not-ready` says, then ready. */
const PROGRAM = `case "$2" in
  init) mkdir -p "$ROOT/etc/polyplex/ca"; touch "$ROOT/etc/polyplex/server.crt" "$ROOT/etc/polyplex/ca/ca.key" ;;
  upgrade) exit "$(cat "$ROOT/upgrade-check" 2>/dev/null || echo 0)" ;;
  status) left=$(cat "$ROOT/not-ready" 2>/dev/null || echo 0)
    if [ "$left" -gt 0 ]; then echo $((left - 1)) >"$ROOT/not-ready"; echo "relay: the store does not answer"; exit 2; fi ;;
esac`;

const script = (name: string, body: string): string => `#!/bin/bash\necho "${name} $*" >>"$ROOT/calls"\n${body}\n`;

async function put(path: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content, { mode });
}

describe('the install script', () => {
  const root = (): string => join(folder, 'root');
  /** Holds the folder of the default, which is replaced by it in units. */
  const prefix = (): string => `${root()}/opt/polyplex-server`;
  const isThere = (path: string): Promise<boolean> => access(join(root(), path)).then(() => true, () => false);

  beforeEach(async () => {
    for (const [name, body] of Object.entries(STUBS)) await put(`bin/${name}`, script(name, body), 0o755);
    await put('release/node_modules/node/bin/node', script('polyplex', PROGRAM), 0o755);
    for (const file of ['package.json', 'package-lock.json', 'README.md', 'LICENSE', 'dist/polyplex.mjs', 'docs/README.md', 'apps/a/package.json', 'libs/a/package.json', 'libs/a/b/package.json']) await put(`release/${file}`, '');
    await cp(join(DEPLOY, 'systemd'), join(folder, 'release/deploy/systemd'), { recursive: true });
    await cp(join(DEPLOY, 'install.sh'), join(folder, 'release/deploy/install.sh'));
    await chmod(join(folder, 'release/deploy/install.sh'), 0o755);
    await mkdir(join(root(), 'run/systemd/system'), { recursive: true });
  });

  async function install(...words: readonly string[]): Promise<Outcome> {
    await put('root/calls', '');
    const env = { PATH: `${folder}/bin:${process.env['PATH'] ?? ''}`, ROOT: root(), PAUSE: '0' };
    const { code, stdout, stderr } = await run(join(folder, 'release/deploy/install.sh'), [...words, '--prefix', prefix()], { env }).then((output) => ({ ...output, code: 0 }), (error: unknown) => error as { code: number; stdout: string; stderr: string });
    const calls = (await readFile(join(root(), 'calls'), 'utf8')).split('\n');
    return { code, said: stdout + stderr, calls: calls.filter((line) => /^(?:systemctl (?!show)|polyplex|runuser|journalctl)/.test(line)).map((line) => line.replaceAll(folder, '')) };
  }

  const STATUS = 'polyplex /root/opt/polyplex-server/dist/polyplex.mjs status --config-dir /root/etc/polyplex';
  const asked = ({ calls }: Outcome): number => calls.filter((call) => call === STATUS).length;

  test('installs, starts, and waits until the servers are ready; its units know where the program is', async () => {
    await put('root/not-ready', '3');
    const installed = await install('--host', 'smp.example.org');
    expect([installed.code, asked(installed)]).toEqual([0, 4]);
    expect(installed.said).toMatch(/• started:[^]*take \S+etc\/polyplex\/ca[^]*waiting until the servers are ready, 120 seconds at most\n• ready\n$/);
    expect(installed.calls.indexOf('systemctl enable --now polyplex.service polyplex-backup.timer')).toBeLessThan(installed.calls.indexOf(STATUS));
    const unit = await readFile(join(root(), 'etc/systemd/system/polyplex.service'), 'utf8');
    expect(/^ExecStart=(\S+) \S+ (\S+) /m.exec(unit)!.slice(1)).toEqual([`${prefix()}/bin/node`, `${prefix()}/dist/polyplex.mjs`]);
    const again = await install('--host', 'other.example.org');
    expect([again.code, again.calls.filter((call) => / init /.test(call))]).toEqual([0, []]);
  });

  test('says what to do where they do not get ready in time', async () => {
    await put('root/not-ready', '1000000');
    const { code, said } = await install('--host', 'smp.example.org', '--wait', '1');
    expect(code).toBe(3);
    expect(said).toMatch(/installed, but not ready[^]*\| relay: the store does not answer[^]*\| port 5223 is in use[^]*journalctl -u polyplex -n 50[^]*polyplex config check[^]*systemctl restart polyplex; polyplex status/);
    expect(said).toMatch(/take \S+etc\/polyplex\/ca/);
    expect(said).not.toMatch(/• ready|Back again/);
  });

  test('does not wait for a service that ends again and again', async () => {
    await put('root/not-ready', '1000000');
    await put('root/restarts', '3');
    const ended = await install('--host', 'smp.example.org');
    expect([ended.code, asked(ended)]).toEqual([3, 1]);
  });

  test('waits for nothing that it does not start', async () => {
    const { code, calls, said } = await install('--host', 'smp.example.org', '--no-start');
    expect([code, calls.filter((call) => /status|enable/.test(call)), said]).toEqual([0, [], expect.stringContaining('not started: systemctl enable --now')]);
    const patient = await install('--wait', '0');
    expect([patient.code, asked(patient)]).toEqual([0, 0]);
    expect(await install('--wait', 'long')).toMatchObject({ code: 2 });
  });

  describe('upgrades', () => {
    beforeEach(async () => {
      await install('--host', 'smp.example.org');
    });

    test('after a check and a backup, and waits until the new program is ready', async () => {
      await put('root/not-ready', '2');
      await put('root/upgrade-check', '1');
      await put('root/var/lib/polyplex/bot/records/data.mdb', 'of the bot');
      const { code, calls, said } = await install('upgrade');
      expect([code, await readFile(join(root(), 'var/lib/polyplex/bot.before-upgrade/records/data.mdb'), 'utf8')]).toEqual([0, 'of the bot']);
      expect(calls.filter((call) => !/is-active|daemon-reload|list-units/.test(call))).toEqual([
        expect.stringContaining('polyplex-server.next/dist/polyplex.mjs upgrade check'), expect.stringMatching(/^runuser -u polyplex -- .*admin backup start --wait/),
        'systemctl stop polyplex', 'systemctl start polyplex', STATUS, STATUS, STATUS,
      ]);
      expect([await isThere('opt/polyplex-server.previous/dist/polyplex.mjs'), said]).toEqual([true, expect.stringMatching(/• ready\n• done\. Back again: systemctl stop polyplex; mv/)]);
    });

    test('say what to do, and how to go back, where it does not get ready', async () => {
      await put('root/not-ready', '1000000');
      const { code, said } = await install('upgrade', '--wait', '1', '--no-backup');
      expect([code, said]).toEqual([3, expect.stringMatching(/not ready[^]*journalctl -u polyplex -n 50[^]*Back again: systemctl stop polyplex; mv \S+polyplex-server \S+\.bad; mv \S+\.previous[^]*backup\.md/)]);
    });

    test('change nothing where the new program would not open the data', async () => {
      await put('root/upgrade-check', '6');
      const { code, calls, said } = await install('upgrade');
      expect([code, said]).toEqual([1, expect.stringContaining('cannot take over (status 6); nothing was changed')]);
      expect([calls.filter((call) => /stop|start/.test(call)), await isThere('opt/polyplex-server.next'), await isThere('opt/polyplex-server.previous')]).toEqual([[], false, false]);
    });

    test('change nothing where there is no room for a copy of the bot\'s data', async () => {
      await put('root/var/lib/polyplex/bot/address', '');
      await put('bin/cp', '#!/bin/sh\nfor word; do case $word in *before-upgrade) exit 1 ;; esac; done; exec /usr/bin/cp "$@"\n', 0o755);
      const { code, calls, said } = await install('upgrade');
      expect([code, said, await isThere('opt/polyplex-server.next')]).toEqual([1, expect.stringMatching(/could not be copied; nothing was changed[^]*--no-backup/), false]);
      expect(calls.filter((call) => /systemctl st/.test(call))).toEqual(['systemctl stop polyplex', 'systemctl start polyplex']);
      expect((await install('upgrade', '--no-backup')).code).toBe(0);
    });

    test('name the nodes that go on with the old program', async () => {
      await rm(join(root(), 'running'));
      await put('root/nodes', '');
      const { code, calls, said } = await install('upgrade');
      expect([code, said]).toEqual([0, expect.stringMatching(/the old program still[^]*systemctl restart polyplex-smp@a\.service\n/)]);
      expect(calls.filter((call) => /systemctl (?:stop|start)|status/.test(call))).toEqual([]);
    });
  });
});
