/** `polyplex file` as people use it, against the file server that `polyplex start` runs. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { contentOf, launch, newFolder, polyplex, type Running, startReady } from './support.ts';

const ADDRESS = /xftp:\/\/\S+/;
const NOWHERE = 'xftp://AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=@host';
/** 1 MB twice and three times 256 kB: long enough for a redirect. */
const LONG = 2_700_000;

function bytes(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8) * 13 + (i >> 16)) & 255));
}

interface Stage {
  readonly folder: string;
  readonly server: Running;
  readonly address: string;
}

async function stage(args: readonly string[] = []): Promise<Stage> {
  const home = newFolder();
  const server = await startReady(home, ['--only', 'xftp', '--password', ...args]);
  return { folder: newFolder(), server, address: ADDRESS.exec(server.output.stdout)![0] };
}

function file(folder: string, name: string, size: number): Buffer {
  const content = bytes(size);
  writeFileSync(join(folder, name), content);
  return content;
}

const linksIn = (text: string): string[] => text.match(/simplex:\S+/g) ?? [];
const pagesIn = (text: string): string[] => text.match(/https:\S+/g) ?? [];

describe('polyplex file', () => {
  it('sends, tells, receives and deletes', async () => {
    const { folder, address } = await stage();
    const content = file(folder, 'report.tar.gz', LONG);
    const sent = await polyplex(folder, ['file', 'send', 'report.tar.gz', '--server', address, '-n', '2']);
    expect([sent.code, sent.stderr]).toEqual([0, '']);
    expect(readdirSync(join(folder, 'report.tar.gz.xftp')).sort()).toEqual(['rcv1.xftp', 'rcv2.xftp', 'snd.xftp.private']);
    expect(statSync(join(folder, 'report.tar.gz.xftp/snd.xftp.private')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(folder, 'report.tar.gz.xftp.part'))).toBe(false);
    expect(Object.values(contentOf(folder)).join()).not.toContain(/:([^:@]+)@/.exec(address)![1]);

    const withIds = await polyplex(folder, ['file', 'info', '--ids', 'report.tar.gz.xftp/rcv1.xftp']);
    expect(withIds.stdout.match(/^[A-Za-z0-9_-]{22}== xftp:\/\/\S+$/gm)).toHaveLength(5);
    const info = await polyplex(folder, ['file', 'info', 'report.tar.gz.xftp/rcv1.xftp']);
    expect(info.stdout).toMatch(/^Recipient file description\nFile download size: 2816kb\nChunks: 5\nFile server\(s\):\nxftp:\/\/\S+: 2816kb\n$/);

    const first = await polyplex(folder, ['file', 'receive', 'report.tar.gz.xftp/rcv1.xftp', '--out', 'in', '--yes']);
    expect([first.code, first.stdout]).toEqual([0, expect.stringContaining('in/report.tar.gz (2.7 MB)')]);
    expect(existsSync(join(folder, 'report.tar.gz.xftp/rcv1.xftp'))).toBe(false);
    const second = await polyplex(folder, ['file', 'receive', 'report.tar.gz.xftp/rcv2.xftp', '--out', 'in', '--keep']);
    expect(second.stdout).toContain('in/report_1.tar.gz');
    expect(readdirSync(join(folder, 'in')).sort()).toEqual(['report.tar.gz', 'report_1.tar.gz']);
    for (const name of readdirSync(join(folder, 'in'))) expect(readFileSync(join(folder, 'in', name)).equals(content)).toBe(true);

    const deleted = await polyplex(folder, ['file', 'delete', 'report.tar.gz.xftp/snd.xftp.private']);
    expect([deleted.code, deleted.stdout]).toEqual([0, expect.stringMatching(/^File deleted\.\n.*was not deleted/)]);
    const gone = await polyplex(folder, ['file', 'receive', 'report.tar.gz.xftp/rcv2.xftp', '--out', 'in']);
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('not there any more')]);
    expect(readdirSync(join(folder, 'in'))).toHaveLength(2);
    expect((await polyplex(folder, ['file', 'delete', 'report.tar.gz.xftp/snd.xftp.private', '-y'])).stdout).toContain('was not there any more');
    expect(existsSync(join(folder, 'report.tar.gz.xftp/snd.xftp.private'))).toBe(false);
  });

  it('receives by either link, a redirect where the description is long', async () => {
    const { folder, address } = await stage();
    for (const [name, size] of [['short.txt', 10], ['long.bin', LONG]] as const) {
      const content = file(folder, name, size);
      const { stdout } = await polyplex(folder, ['file', 'send', name, '--server', address, '-n', '2']);
      expect([linksIn(stdout).length, pagesIn(stdout).length]).toEqual([2, 2]);
      expect(Math.max(...linksIn(stdout).map(({ length }) => length))).toBeLessThanOrEqual(1002);
      expect((await polyplex(folder, ['file', 'info', linksIn(stdout)[0]!])).stdout.includes('Leads to a description')).toBe(size === LONG);
      for (const link of [linksIn(stdout)[0]!, pagesIn(stdout)[1]!]) {
        expect((await polyplex(folder, ['file', 'receive', link, '--out', `by ${name}`])).code).toBe(0);
      }
      expect(Object.values(contentOf(join(folder, `by ${name}`)))).toEqual([content.toString('latin1'), content.toString('latin1')]);
    }
  });

  it('goes on with a sending that was killed, and with one that was interrupted', async () => {
    const { folder, address } = await stage();
    const content = file(folder, 'large.bin', 40_000_000);
    const args = ['file', 'send', 'large.bin', '--server', address, '--no-links'];
    const state = join(folder, 'large.bin.xftp.part');
    const uploaded = (): number => (existsSync(join(state, 'journal')) ? readFileSync(join(state, 'journal'), 'utf8').split('"uploaded"').length - 1 : 0);
    const until = async (running: Running, chunks: number): Promise<void> => {
      while (uploaded() < chunks && running.child.exitCode === null) await wait(1);
    };
    const killed = launch(folder, args);
    await until(killed, 1);
    killed.child.kill('SIGKILL');
    expect((await killed.finished).code).toBeNull();
    expect((await polyplex(folder, args))).toMatchObject({ code: 4, stderr: expect.stringContaining('--resume') });
    const before = readFileSync(join(state, 'journal'), 'utf8').split('\n')[0];
    const interrupted = launch(folder, [...args, '--resume']);
    await until(interrupted, uploaded() + 1);
    interrupted.child.kill('SIGINT');
    expect(await interrupted.finished).toMatchObject({ code: 1, stderr: expect.stringMatching(/interrupted.*--resume/) });
    expect(readFileSync(join(state, 'journal'), 'utf8').split('\n')[0]).toBe(before);
    const kept = uploaded();
    expect(kept).toBeGreaterThan(1);
    expect(await polyplex(folder, ['file', 'send', 'large.bin', '--no-links', '--resume'])).toMatchObject({ code: 0 });
    expect(existsSync(state)).toBe(false);
    expect((await polyplex(folder, ['file', 'receive', 'large.bin.xftp/rcv1.xftp', '--out', 'in'])).code).toBe(0);
    expect(readFileSync(join(folder, 'in/large.bin')).equals(content)).toBe(true);
  });

  it('goes on with a receiving that was killed', async () => {
    const { folder, address } = await stage();
    const content = file(folder, 'large.bin', 40_000_000);
    await polyplex(folder, ['file', 'send', 'large.bin', '--server', address, '--no-links']);
    const args = ['file', 'receive', 'large.bin.xftp/rcv1.xftp', '--out', 'in'];
    const journal = (): string => {
      const state = existsSync(join(folder, 'in')) ? readdirSync(join(folder, 'in')).find((name) => name.endsWith('.part')) : undefined;
      const path = join(folder, 'in', state ?? '', 'journal');
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    };
    const killed = launch(folder, args);
    while (!journal().includes('"chunk"') && killed.child.exitCode === null) await wait(1);
    killed.child.kill('SIGKILL');
    await killed.finished;
    expect(existsSync(join(folder, 'in/large.bin'))).toBe(false);
    expect(journal()).toContain('"chunk"');
    expect((await polyplex(folder, args)).code).toBe(0);
    expect(readdirSync(join(folder, 'in'))).toEqual(['large.bin']);
    expect(readFileSync(join(folder, 'in/large.bin')).equals(content)).toBe(true);
  });

  it('sends by the server of the configuration here', async () => {
    const home = newFolder();
    await startReady(home, ['--only', 'xftp']);
    file(home, 'x', 10);
    const { code, stderr } = await polyplex(home, ['file', 'send', 'x', '--attempts', '1', '--set', 'xftpListen.ports=1']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
    expect(readdirSync(home).sort()).toEqual(['config', 'data', 'x']);
  });
});

describe('what is refused', () => {
  it.each<[string, readonly string[], number, string]>([
    ['no server', ['send', 'x'], 2, '--server'],
    ['a server of another kind', ['send', 'x', '--server', NOWHERE.replace('xftp', 'smp')], 2, 'xftp://'],
    ['a file that is not there', ['send', 'y'], 4, 'does not exist'],
    ['a folder', ['send', 'folder'], 4, 'tar'],
    ['no recipients', ['send', 'x', '-n', '0'], 2, '1 to 1000'],
    ['nothing to go on with', ['send', 'x', '--resume'], 4, 'nothing to go on with'],
    ['a file as the folder of descriptions', ['send', 'x', '--out', 'x.xftp', '--server', NOWHERE], 4, 'no folder: --out'],
    ['a description that is not there', ['receive', 'y'], 4, 'y cannot be read: it does not exist'],
    ['a folder as the description', ['receive', 'folder'], 4, 'folder cannot be read: it is a folder'],
    ['what is no description', ['receive', 'x'], 1, 'file description'],
    ['half a link', ['receive', 'simplex:/file'], 2, 'quote it'],
    ['a file as the folder', ['receive', 'x.xftp', '--out', 'x'], 4, 'no folder'],
    ['a recipient who wants to delete', ['delete', 'x.xftp'], 2, 'snd.xftp.private'],
  ])('%s', async (_name, args, code, text) => {
    const folder = newFolder();
    file(folder, 'x', 10);
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'x.xftp'), DESCRIPTION);
    const before = Object.keys(contentOf(folder));
    expect(await polyplex(folder, ['file', ...args])).toMatchObject({ code, stderr: expect.stringContaining(text) });
    expect(Object.keys(contentOf(folder))).toEqual(before);
  });

  it('another server at the address, and a wrong password', async () => {
    const { folder, address } = await stage();
    file(folder, 'x', 10);
    const other = address.replace(/xftp:\/\/[^:]+/, 'xftp://AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=');
    expect(await polyplex(folder, ['file', 'send', 'x', '--server', other])).toMatchObject({ code: 1, stderr: expect.stringContaining('fingerprint') });
    const without = address.replace(/:[^:@/]+@/, '@');
    expect(await polyplex(folder, ['file', 'send', 'x', '--server', without])).toMatchObject({ code: 1, stderr: expect.stringContaining('password') });
    expect(readdirSync(folder)).toEqual(['x']);
  });

  it('a sender’s description to receive with', async () => {
    const { folder, address } = await stage();
    file(folder, 'x', 10);
    await polyplex(folder, ['file', 'send', 'x', '--server', address, '--no-links']);
    expect(await polyplex(folder, ['file', 'receive', 'x.xftp/snd.xftp.private'])).toMatchObject({ code: 1, stderr: expect.stringContaining('sender\'s') });
  });
});

/** XFTP §10: of a server that is not there. */
const DESCRIPTION = `chunkSize: 64kb
digest: qns_UiVD-i2u53dykcNpdT2jIPYao1ArDsnAemBnU31BgQtv4XY_YM1IAI4vU63m0tLWsebNzo6N5piZgu8j7w==
key: AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=
nonce: BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
party: recipient
replicas:
- chunks:
  - 1:srKysrKysrKysrKysrKysg==:MC4CAQAwBQYDK2VwBCIEIAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC:3qahRwkLvVUC3Fd61JXa58GCT-i-vatJ2mF6ODcL7LA=
  server: xftp://CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=@localhost:7000
size: 64kb
`;
