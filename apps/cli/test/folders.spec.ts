/** Configuration folders in every state that operators and their tools leave them in: a relay is made once, and never twice. */
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { contentOf, FREE_PORTS, launch, newFolder, polyplex, startReady } from './support.ts';

const INIT = ['init', '--yes'];
const SETTINGS = 'address: { hosts: [smp.example.org] }\nstorage: { dataDir: ../kept }\naccess: { passwordFile: secret }\n';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = newFolder();
  mkdirSync(join(folder, 'config'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, 'config', name), content);
  return folder;
}

async function stopped(running: Awaited<ReturnType<typeof startReady>>): Promise<string> {
  running.child.kill('SIGTERM');
  return (await running.finished).stdout;
}

describe('settings without an identity', () => {
  it('get one on the first start, and stay as they are', async () => {
    const folder = folderWith({ 'polyplex.yaml': SETTINGS });
    const stdout = await stopped(await startReady(folder));
    expect(stdout).toMatch(/First start[^]*@smp\.example\.org/);
    expect(readFileSync(join(folder, 'config/polyplex.yaml'), 'utf8')).toBe(SETTINGS);
    expect(stdout).toContain(`:${readFileSync(join(folder, 'config/secret'), 'utf8').trim()}@`);
    expect(Object.keys(contentOf(join(folder, 'kept')))).toContain(join(folder, 'kept/smp/data.mdb'));
  });

  it('get one by init, which says that they count', async () => {
    const folder = folderWith({ 'polyplex.yaml': SETTINGS, secret: 'open-sesame\n' });
    const { code, stdout } = await polyplex(folder, [...INIT, '--host', 'other.example.org']);
    expect([code, stdout]).toEqual([EXIT_CODES.ok, expect.stringMatching(/:open-sesame@smp\.example\.org[^]*Kept as it was.*polyplex\.yaml/)]);
    expect(readFileSync(join(folder, 'config/polyplex.yaml'), 'utf8')).toBe(SETTINGS);
    expect((await polyplex(folder, ['config', 'check'])).code).toBe(EXIT_CODES.ok);
  });

  it('have no password when they name none', async () => {
    const folder = folderWith({ 'polyplex.yaml': 'address: { hosts: [smp.example.org] }\n' });
    expect((await polyplex(folder, INIT)).stdout).toContain('none: anybody may create queues');
    expect(Object.keys(contentOf(folder))).not.toContain(join(folder, 'config/password'));
  });

  it('that name an identity elsewhere get none made', async () => {
    const folder = folderWith({ 'polyplex.yaml': 'identity: { certificateFile: /nowhere/server.crt }\n' });
    const before = contentOf(folder);
    for (const command of [INIT, ['start', ...FREE_PORTS]]) {
      expect((await polyplex(folder, command)).code, command[0]).toBe(EXIT_CODES.identity);
      expect(contentOf(folder)).toEqual(before);
    }
    const empty = newFolder();
    expect((await polyplex(empty, ['start', '--set', 'identity.certificateFile=elsewhere'])).code).toBe(EXIT_CODES.identity);
    expect(contentOf(empty)).toEqual({});
  });
});

describe('part of an identity', () => {
  it.each([
    ['an init that ended early', ['server.key', 'server.crt']],
    ['a lost certificate', ['server.crt']],
    ['a lost online key and CA', ['server.key', 'ca/ca.key', 'ca/ca.crt']],
  ])('%s: start and init name what is missing, and change nothing', async (_name, lost) => {
    const folder = newFolder();
    await polyplex(folder, INIT);
    for (const file of lost) unlinkSync(join(folder, 'config', file));
    const before = contentOf(folder);
    for (const command of [INIT, ['start', ...FREE_PORTS]]) {
      const { code, stderr } = await polyplex(folder, command);
      expect(code, command[0]).toBe(EXIT_CODES.identity);
      for (const file of lost) expect(stderr.slice(stderr.indexOf('but not'))).toContain(file);
    }
    expect(contentOf(folder)).toEqual(before);
  });
});

describe('data without an identity', () => {
  it('is that of a relay whose folder is lost: no other is made', async () => {
    const folder = newFolder();
    await stopped(await startReady(folder));
    rmSync(join(folder, 'config'), { recursive: true });
    for (const command of [INIT, ['start', ...FREE_PORTS]]) {
      const { code, stderr } = await polyplex(folder, command);
      expect([code, stderr], command[0]).toEqual([EXIT_CODES.identity, expect.stringMatching(/data\/smp holds the data of a relay[^]*--config-dir/)]);
    }
    expect(Object.keys(contentOf(folder)).filter((path) => path.includes('config'))).toEqual([]);
  });
});

describe('a file in place of a folder, and no folder at all', () => {
  it('are named, with what to do', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'taken'), '');
    const refusal = { code: EXIT_CODES.identity, stderr: expect.stringMatching(/taken is to be a folder, and a file is in its place: name another/) as unknown };
    expect(await polyplex(folder, [...INIT, '--data-dir', 'taken'])).toMatchObject(refusal);
    expect(await polyplex(folder, [...INIT, '--config-dir', 'taken/config'])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringMatching(/taken\/config\S* is to be a folder/) as unknown });
    expect(await polyplex(folder, ['address', '--config-dir', 'elsewhere'])).toEqual({
      code: EXIT_CODES.identity, stdout: '',
      stderr: expect.stringMatching(/elsewhere holds no relay yet: "polyplex start" or "polyplex init" makes one, --config-dir/) as unknown,
    });
  });
});

it('data that may not be written is called that', async () => {
  const folder = newFolder();
  await stopped(await startReady(folder));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const all = [...Object.keys(contentOf(folder)), ...['', 'config', 'config/ca', 'data', 'data/smp'].map((each) => join(folder, each))];
    for (const path of all) chownSync(path, 65_534, 65_534);
  }
  chmodSync(join(folder, 'data/smp/data.mdb'), 0o400);
  const { code, stderr } = await launch(folder, ['start', ...FREE_PORTS], {}, isRoot ? 65_534 : undefined).finished;
  expect([code, stderr]).toEqual([EXIT_CODES.storage, expect.stringMatching(/Permission denied|EACCES/)]);
});
