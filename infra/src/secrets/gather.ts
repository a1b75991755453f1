/** All secrets of a stack, from where each comes; what is there already and need not be read again is left alone. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { StackConfig } from '../config/schema.ts';
import { InfraError } from '../errors.ts';
import { checkIdentities, readIdentityFile } from './identity.ts';
import { type SecretName, secretEntry, secretsOf } from './names.ts';

interface Sources {
  /** The configuration folder of `polyplex init`. */
  readonly folder: string;
  /** Files of the operator, by name of the secret. */
  readonly given: Readonly<Record<string, string>>;
  /** Whether the stack has a value already. */
  readonly has: (name: SecretName) => boolean;
}

type Values = Partial<Record<SecretName, string>>;

async function readGiven(name: SecretName, path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new InfraError('SECRETS', `${name}: ${path} cannot be read`, { cause: error });
  });
  return secretEntry(name).isBinary === true ? bytes.toString('base64') : bytes.toString('utf8').trimEnd();
}

async function valueOf(name: SecretName, { folder, given, has }: Sources): Promise<string | undefined> {
  const { source } = secretEntry(name);
  const path = given[name];
  if ('file' in source) return readIdentityFile(folder, name);
  if (path !== undefined) return readGiven(name, path);
  if (has(name) || 'resource' in source) return undefined;
  if ('made' in source) return randomBytes(32).toString('base64url');
  throw new InfraError('SECRETS', `${name} is missing: --file ${name}=PATH, ${source.given}`);
}

/** @throws InfraError `SECRETS`, `CA_KEY` */
export async function gatherSecrets(stack: StackConfig, sources: Sources): Promise<Values> {
  const unknown = Object.keys(sources.given).find((name) => !secretsOf(stack).some((known) => known === name));
  if (unknown !== undefined) throw new InfraError('SECRETS', `${unknown} is no secret of this stack: ${secretsOf(stack).join(', ')}`);
  const values: Values = {};
  for (const name of secretsOf(stack)) {
    const value = await valueOf(name, sources);
    if (value !== undefined) values[name] = value;
  }
  checkIdentities(values);
  return values;
}
