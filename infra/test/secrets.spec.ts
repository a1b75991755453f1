/** How secrets get into a stack, and that the key of a CA does not. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubernetesParts } from '../src/kubernetes/stack.ts';
import { gatherSecrets } from '../src/secrets/gather.ts';
import { checkIdentity } from '../src/secrets/identity.ts';
import { type SecretName, SECRETS, secretEntry, secretsOf } from '../src/secrets/names.ts';
import { everySecret, example, KUBERNETES_EXAMPLES, makeConfigFolder, onKubernetes, ROOT } from './support.ts';

const run = promisify(execFile);
let folder: string;
let own: string;
beforeAll(async () => {
  folder = await makeConfigFolder();
});
beforeEach(async () => {
  own = await mkdtemp(join(dirname(folder), 'own-'));
});
afterAll(() => rm(dirname(folder), { recursive: true, force: true }));

const sources = (given: Record<string, string> = {}, known: readonly string[] = []) => ({ folder, given, has: (name: SecretName) => known.includes(name) });

test('no secret comes from a folder called ca', () => {
  const files = (Object.keys(SECRETS) as SecretName[]).map((name) => secretEntry(name).source).flatMap((source) => ('file' in source ? [source.file] : []));
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => /(^|\/)ca(\/|\.)/.test(file))).toEqual([]);
});

describe('gathering', () => {
  test('reads identities, makes tokens, and keeps those that there are', async () => {
    const first = await gatherSecrets(example('single'), sources());
    expect(Object.keys(first)).toEqual(['relayCertificate', 'relayKey', 'relayFingerprint', 'password', 'filesCertificate', 'filesKey', 'filesFingerprint', 'adminToken', 'readerToken']);
    expect(first.relayKey).toBe(await readFile(join(folder, 'server.key'), 'utf8'));
    expect(first.adminToken).toMatch(/^[\w-]{43}$/);
    const second = await gatherSecrets(example('single'), sources({}, Object.keys(first)));
    expect(second).not.toHaveProperty('adminToken');
    expect(second).toHaveProperty('relayKey');
  });

  test('names what only the operator has', async () => {
    await expect(gatherSecrets(example('team'), sources())).rejects.toThrow(/s3Secret is missing: --file s3Secret=PATH, the secret of the access key/);
    await writeFile(join(own, 's3'), 'hunter2\n');
    expect(await gatherSecrets(example('team'), sources({ s3Secret: join(own, 's3') }))).toMatchObject({ s3Secret: 'hunter2' });
    await expect(gatherSecrets(example('team'), sources({ s3: join(own, 's3') }))).rejects.toThrow(/s3 is no secret of this stack/);
    await expect(gatherSecrets(example('team'), sources({ s3Secret: join(own, 'none') }))).rejects.toMatchObject({ code: 'SECRETS' });
  });

  test('ends where an identity is missing, or is the CA\'s', async () => {
    await expect(gatherSecrets(example('single'), { ...sources(), folder: own })).rejects.toThrow(/server\.crt cannot be read .* polyplex init/);
    for (const file of ['server.crt', 'fingerprint', 'password', 'xftp/server.crt', 'xftp/server.key', 'xftp/fingerprint']) {
      await run('install', ['-D', join(folder, file), join(own, file)]);
    }
    await copyFile(join(folder, 'ca/ca.key'), join(own, 'server.key'));
    await expect(gatherSecrets(example('single'), { ...sources(), folder: own })).rejects.toMatchObject({ code: 'CA_KEY' });
  });
});

describe('an identity', () => {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

  test('is certificate and key of one server', async () => {
    const [certificate, key, other, ca, caKey] = await Promise.all(['server.crt', 'server.key', 'xftp/server.key', 'ca/ca.crt', 'ca/ca.key'].map(read));
    expect(() => checkIdentity('relay', certificate!, key!)).not.toThrow();
    const refused = (code: string) => expect.objectContaining({ code }) as Error;
    expect(() => checkIdentity('relay', certificate!, other!)).toThrow(refused('SECRETS'));
    expect(() => checkIdentity('relay', certificate!, caKey!)).toThrow(refused('CA_KEY'));
    expect(() => checkIdentity('relay', ca!, caKey!)).toThrow(refused('CA_KEY'));
    // Smuggled along: behind the server's key, or among the certificates.
    expect(() => checkIdentity('relay', certificate!, `${key!}${caKey!}`)).toThrow(refused('SECRETS'));
    expect(() => checkIdentity('relay', `${certificate!}${caKey!}`, key!)).toThrow(refused('SECRETS'));
  });
});

describe('secrets.sh', () => {
  const script = (name: string): string => join(ROOT, 'deploy/kubernetes', name, 'secrets.sh');

  test.each(KUBERNETES_EXAMPLES)('of %s makes the Secrets that Pulumi would', async (name) => {
    const values = await everySecret(folder);
    for (const secret of secretsOf(example(name))) {
      const { source, isBinary } = secretEntry(secret);
      if (!('file' in source)) await writeFile(join(own, secret), isBinary === true ? Buffer.from(values[secret], 'base64') : values[secret]);
    }
    const { stdout } = await run(script(name), [folder, own]);
    const made = parseAllDocuments(stdout).map((document) => document.toJS() as { metadata: { name: string }; data: Record<string, string> });
    const wanted = kubernetesParts(onKubernetes(name)).flatMap(({ secrets }) => secrets);
    expect(made.map(({ metadata }) => metadata.name)).toEqual(wanted.map((secret) => secret.name));
    for (const [index, { files }] of wanted.entries()) {
      for (const [key, { secret, template }] of Object.entries(files)) {
        const plain = secretEntry(secret).isBinary === true ? Buffer.from(values[secret], 'base64').toString() : values[secret];
        expect([key, Buffer.from(made[index]!.data[key]!, 'base64').toString()]).toEqual([key, template === undefined ? plain : template.replaceAll('{}', plain)]);
      }
    }
    const caKey = (await readFile(join(folder, 'ca/ca.key'), 'utf8')).split('\n')[1]!;
    expect(made.flatMap(({ data }) => Object.values(data)).filter((value) => Buffer.from(value, 'base64').toString('latin1').includes(caKey))).toEqual([]);
  });

  test('makes tokens that are missing, readable for nobody else, and says what it cannot make', async () => {
    await run(script('single'), [folder, own]);
    const token = await readFile(join(own, 'adminToken'), 'utf8');
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await stat(join(own, 'adminToken'))).mode & 0o777).toBe(0o600);
    await run(script('single'), [folder, own]);
    expect(await readFile(join(own, 'adminToken'), 'utf8')).toBe(token);
    await expect(run(script('team'), [folder, own])).rejects.toThrow(/missing: .*s3Secret/);
  });

  test('refuses the key of the CA, and one of another server', async () => {
    const wrong = await mkdtemp(join(tmpdir(), 'polyplex-infra-wrong-'));
    try {
      await run('cp', ['-r', `${folder}/.`, wrong]);
      await copyFile(join(folder, 'xftp/server.key'), join(wrong, 'server.key'));
      await expect(run(script('single'), [wrong, own])).rejects.toThrow(/do not belong together/);
      await copyFile(join(folder, 'ca/ca.key'), join(wrong, 'server.key'));
      await copyFile(join(folder, 'ca/ca.crt'), join(wrong, 'server.crt'));
      await expect(run(script('single'), [wrong, own])).rejects.toThrow(/the key of the CA: it stays offline/);
    } finally {
      await rm(wrong, { recursive: true, force: true });
    }
  });
});
