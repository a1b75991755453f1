/** Examples, and an identity as `polyplex init` makes it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readStack } from '../src/config/read.ts';
import type { KubernetesStack, MachineStack, StackConfig } from '../src/config/schema.ts';
import { type SecretName, SECRETS, secretEntry } from '../src/secrets/names.ts';

const run = promisify(execFile);
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const PROGRAM = join(ROOT, 'dist/polyplex.mjs');

export const KUBERNETES_EXAMPLES = ['single', 'team', 'large'] as const;
export const MACHINE_EXAMPLES = ['single-machine', 'team-hcloud', 'team-aws'] as const;

export function exampleText(name: string): string {
  return readFileSync(join(ROOT, 'infra/examples', `${name}.yaml`), 'utf8');
}

export function example(name: string): StackConfig {
  return readStack(exampleText(name));
}

export function onKubernetes(name: string): KubernetesStack {
  const { target, ...others } = example(name);
  if (target.kind !== 'kubernetes') throw new TypeError(`${name} is not on Kubernetes`);
  return { ...others, target };
}

export function onMachines(name: string): MachineStack {
  const { target, ...others } = example(name);
  if (target.kind === 'kubernetes') throw new TypeError(`${name} is on Kubernetes`);
  return target.kind === 'aws' ? { ...others, target } : { ...others, target };
}

/** A folder of `polyplex init`, with CA keys in it. */
export async function makeConfigFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-infra-'));
  await run(process.execPath, [PROGRAM, 'init', '--yes', '--push', '--host', 'smp.example.org', '--config-dir', join(folder, 'config'), '--data-dir', join(folder, 'data')]);
  await run(process.execPath, [PROGRAM, 'bot', 'init', '--config-dir', join(folder, 'config')]);
  return join(folder, 'config');
}

/** A value for every secret: those of the folder, and for all others a text that is found wherever it goes. */
export async function everySecret(folder: string): Promise<Readonly<Record<SecretName, string>>> {
  const entries = (Object.keys(SECRETS) as SecretName[]).map(async (name) => {
    const { source, isBinary } = secretEntry(name);
    if ('file' in source) return [name, await readFile(join(folder, source.file), 'utf8')] as const;
    const value = `secret-of-${name}-${'x'.repeat(30)}`;
    return [name, isBinary === true ? Buffer.from(value).toString('base64') : value] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<SecretName, string>;
}
