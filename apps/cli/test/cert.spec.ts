/** `polyplex cert rotate`: a new online certificate, whatever state the present one is in, and the same address. */
import { chownSync, chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueServerCertificate } from '@polyplex/transport-tls';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { contentOf, newFolder, polyplex } from './support.ts';

const INIT = ['init', '--yes', '--host', 'smp.example.org'];
const DAY_MS = 86_400_000;

async function newRelay(): Promise<{ readonly folder: string; readonly config: string; readonly address: string }> {
  const folder = newFolder();
  await polyplex(folder, INIT);
  return { folder, config: join(folder, 'config'), address: (await polyplex(folder, ['address'])).stdout };
}

describe('cert rotate', () => {
  it('keeps the address, and the former files', async () => {
    const folder = newFolder();
    await polyplex(folder, INIT);
    const before = contentOf(join(folder, 'config'));
    const { stdout: address } = await polyplex(folder, ['address']);
    expect((await polyplex(folder, ['cert', 'rotate'])).code).toBe(EXIT_CODES.ok);
    const after = contentOf(join(folder, 'config'));
    for (const file of ['server.key', 'server.crt']) {
      expect(after[join(folder, 'config', `${file}.old`)]).toBe(before[join(folder, 'config', file)]);
      expect(after[join(folder, 'config', file)]).not.toBe(before[join(folder, 'config', file)]);
    }
    expect((await polyplex(folder, ['address'])).stdout).toBe(address);
    expect((await polyplex(folder, ['config', 'check'])).code).toBe(EXIT_CODES.ok);
  });

  it('needs the key of this very identity', async () => {
    const [folder, other] = [newFolder(), newFolder()];
    await Promise.all([polyplex(folder, INIT), polyplex(other, INIT)]);
    renameSync(join(folder, 'config/ca'), join(folder, 'safe'));
    const before = contentOf(folder);
    expect(await polyplex(folder, ['cert', 'rotate'])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('--ca-key') });
    expect((await polyplex(folder, ['cert', 'rotate', '--ca-key', join(other, 'config/ca/ca.key')])).code).toBe(EXIT_CODES.identity);
    expect(contentOf(folder)).toEqual(before);
    expect((await polyplex(folder, ['cert', 'rotate', '--ca-key', join(folder, 'safe/ca.key')])).code).toBe(EXIT_CODES.ok);
  });

  it('takes no folder for a key', async () => {
    const { folder } = await newRelay();
    const { code, stderr } = await polyplex(folder, ['cert', 'rotate', '--ca-key', 'config/ca']);
    expect([code, stderr]).toEqual([EXIT_CODES.identity, expect.stringContaining('config/ca cannot be read: it is a folder')]);
  });
});

describe('cert rotate heals', () => {
  const damages: readonly (readonly [string, (config: string) => void])[] = [
    ['an expired certificate', (config) => {
      const ca = { key: readFileSync(join(config, 'ca/ca.key'), 'utf8'), certificate: readFileSync(join(config, 'ca/ca.crt'), 'utf8') };
      const old = issueServerCertificate({ ca, commonName: 'x', algorithm: 'ed25519', days: 1, now: Date.now() - 9 * DAY_MS });
      writeFileSync(join(config, 'server.key'), old.key);
      writeFileSync(join(config, 'server.crt'), old.certificate + ca.certificate);
    }],
    ['a truncated certificate', (config) => truncateSync(join(config, 'server.crt'), 300)],
    ['a missing key', (config) => unlinkSync(join(config, 'server.key'))],
    ['a missing certificate', (config) => unlinkSync(join(config, 'server.crt'))],
    ['a key without its certificate, as a crash between the two leaves it', (config) => {
      const ca = { key: readFileSync(join(config, 'ca/ca.key'), 'utf8'), certificate: readFileSync(join(config, 'ca/ca.crt'), 'utf8') };
      writeFileSync(join(config, 'server.key'), issueServerCertificate({ ca, commonName: 'x', algorithm: 'ed25519' }).key);
    }],
  ];

  it.each(damages)('%s', async (_name, damage) => {
    const { folder, config, address } = await newRelay();
    damage(config);
    expect((await polyplex(folder, ['config', 'check'])).code).toBe(EXIT_CODES.identity);
    expect(await polyplex(folder, ['cert', 'rotate'])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringContaining('the address stays the same') });
    expect((await polyplex(folder, ['config', 'check'])).code).toBe(EXIT_CODES.ok);
    expect((await polyplex(folder, ['address'])).stdout).toBe(address);
  });

  it('a folder of which only the CA is left, and says what to compare', async () => {
    const { folder, config, address } = await newRelay();
    renameSync(join(config, 'ca'), join(folder, 'ca'));
    rmSync(config, { recursive: true });
    mkdirSync(config);
    renameSync(join(folder, 'ca'), join(config, 'ca'));
    const { code, stdout } = await polyplex(folder, ['cert', 'rotate']);
    const [start] = /smp:\/\/[^:@]+/.exec(address)!;
    expect([code, stdout]).toEqual([EXIT_CODES.ok, expect.stringContaining(`begins with ${start}`)]);
    expect(stdout).toContain('No password is set here');
    expect(start.endsWith(readFileSync(join(config, 'fingerprint'), 'utf8').trim())).toBe(true);
  });

  it('nothing with the CA of another relay, also where the present certificate tells nothing', async () => {
    const [{ folder, config }, other] = [await newRelay(), await newRelay()];
    unlinkSync(join(config, 'server.crt'));
    const before = contentOf(folder);
    const { code, stderr } = await polyplex(folder, ['cert', 'rotate', '--ca-key', join(other.config, 'ca/ca.key')]);
    expect([code, stderr]).toEqual([EXIT_CODES.identity, expect.stringContaining('another identity')]);
    expect(contentOf(folder)).toEqual(before);
  });
});

describe('who may read the new files', () => {
  it('is who might read the former ones', async () => {
    const { folder, config } = await newRelay();
    chmodSync(join(config, 'server.key'), 0o640);
    await polyplex(folder, ['cert', 'rotate']);
    expect(['server.key', 'server.key.old', 'server.crt'].map((file) => statSync(join(config, file)).mode & 0o777)).toEqual([0o640, 0o640, 0o600]);
  });

  it.runIf(process.getuid?.() === 0)('is the user of the relay, although root makes them', async () => {
    const { folder, config } = await newRelay();
    const files = ['server.key', 'server.crt'];
    for (const file of files) chownSync(join(config, file), 65_534, 65_533);
    expect((await polyplex(folder, ['cert', 'rotate'])).code).toBe(EXIT_CODES.ok);
    for (const file of files.flatMap((each) => [each, `${each}.old`])) expect(statSync(join(config, file)), file).toMatchObject({ uid: 65_534, gid: 65_533 });
  });
});
