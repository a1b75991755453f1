/**
 * `npm run stack -- COMMAND STACK [FILE]`: Pulumi with what a stack of Polyplex needs around it, by its automation interface, so that
 * the program runs in this process and the `pulumi` command is all that must be installed.
 */
import { type ConfigMap, LocalWorkspace, type Stack } from '@pulumi/pulumi/automation/index.js';
import * as pulumi from '@pulumi/pulumi';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readStack } from './config/read.ts';
import { InfraError } from './errors.ts';
import { configuredSecrets, deploy } from './program.ts';
import { gatherSecrets } from './secrets/gather.ts';

const USAGE = `npm run stack -- configure STACK FILE        a stack of that file (infra/examples); makes it, or changes its settings
npm run stack -- secrets STACK FOLDER        takes the identities of a configuration folder (polyplex init), makes tokens and passwords
  --file NAME=PATH                           and a secret that only you have, such as s3Secret=PATH
npm run stack -- preview|up|outputs|destroy STACK
`;
const WORK_DIR = fileURLToPath(new URL('..', import.meta.url));

async function open(name: string): Promise<Stack> {
  const program = async () => {
    const config = new pulumi.Config('polyplex');
    const stack = readStack(config.require('stack'));
    return deploy(stack, await configuredSecrets(stack, config));
  };
  // No npm packages of providers are installed at run time, and no project file is written.
  return LocalWorkspace.createOrSelectStack({ stackName: name, projectName: 'polyplex', program }, { workDir: WORK_DIR });
}


async function takeSecrets(stack: Stack, folder: string, files: readonly string[]): Promise<void> {
  const known = await stack.getAllConfig();
  const config = known['polyplex:stack'];
  if (config === undefined) throw new InfraError('CONFIG', `${stack.name} has no settings yet: npm run stack -- configure ${stack.name} FILE`);
  const given = Object.fromEntries(files.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  const secrets = await gatherSecrets(readStack(config.value), { folder, given, has: (name) => known[`polyplex:${name}`] !== undefined });
  const values: ConfigMap = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`polyplex:${name}`, { value, secret: true }]));
  await stack.setAllConfig(values);
  process.stdout.write(`kept as secrets: ${Object.keys(secrets).join(', ')}\n`);
}

async function configure(stack: Stack, file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  readStack(text);
  await stack.setConfig('polyplex:stack', { value: text });
}

const show = { onOutput: (text: string) => void process.stdout.write(text) };

async function perform(command: string, stack: Stack, { argument, files }: { argument: string; files: readonly string[] }): Promise<void> {
  if (command === 'configure') return configure(stack, argument);
  if (command === 'secrets') return takeSecrets(stack, argument, files);
  if (command === 'preview') return void (await stack.preview({ ...show, diff: false }));
  if (command === 'up') return void (await stack.up(show));
  if (command === 'destroy') return void (await stack.destroy(show));
  if (command === 'outputs') return void process.stdout.write(`${JSON.stringify(Object.fromEntries(Object.entries(await stack.outputs()).map(([name, { value }]) => [name, value as unknown])), null, 2)}\n`);
  throw new InfraError('CONFIG', USAGE);
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { file: { type: 'string', multiple: true, default: [] } } });
const [command, name, argument = ''] = positionals;
if (command === undefined || name === undefined || (['configure', 'secrets'].includes(command) && argument === '')) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  try {
    await perform(command, await open(name), { argument, files: values.file });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
