/** `npm run render`: writes deploy/kubernetes/<example>/ for each example on Kubernetes, or with a file and a folder, a stack of your own. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readStack } from '../config/read.ts';
import type { KubernetesStack, StackConfig } from '../config/schema.ts';
import { InfraError } from '../errors.ts';
import { renderDashboards, renderStack } from './yaml.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const RENDERED = fileURLToPath(new URL('../../../deploy/kubernetes/', import.meta.url));

/** @throws InfraError `TARGET` */
function onKubernetes(stack: StackConfig): KubernetesStack {
  const { target } = stack;
  if (target.kind !== 'kubernetes') throw new InfraError('TARGET', `manifests are for the target kubernetes, not ${target.kind}`);
  return { ...stack, target };
}

async function write(file: string, folder: string): Promise<void> {
  const stack = onKubernetes(readStack(await readFile(file, 'utf8')));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, content] of renderStack(stack)) await writeFile(join(folder, name), content, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
  if (stack.monitoring !== undefined) await writeFile(join(folder, '..', 'dashboards.yaml'), renderDashboards(stack));
}

const [file, folder] = process.argv.slice(2);
if (file !== undefined && folder !== undefined) await write(file, folder);
else for (const name of (await readdir(EXAMPLES)).filter((example) => /^(single|team|large)\.yaml$/.test(example))) await write(join(EXAMPLES, name), join(RENDERED, basename(name, '.yaml')));
