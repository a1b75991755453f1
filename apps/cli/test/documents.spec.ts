/** What documents tell people to type and to set is there: commands, their options, settings and variables. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, it, test } from 'vitest';
import { program } from '../src/program.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
/** Without the changelog, which also tells of what was, and the reference, which explains how settings are written. */
const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n').filter((file) => !['CHANGELOG.md', 'docs/configuration.md'].includes(file));

/** Of the reference page, which a test of its own holds to the schema. */
const settings = new Set<string>();
const variables = new Set(['POLYPLEX_CONFIG_DIR']);
for (const section of read('docs/configuration.md').split('\n## ').slice(1)) {
  for (const [, name, variable] of section.matchAll(/^\| `(\w+)`<br>`(\w+)`/gm)) {
    settings.add(`${section.slice(0, section.indexOf('\n'))}.${name!}`);
    variables.add(variable!);
  }
}
const sections = new Set([...settings].map((name) => name.split('.')[0]!));

/** Clouds have settings of their own, some of which are called like ours. */
const OTHER_SETTINGS = ['redis.memory', 'redis.primaries'];
/** Up to what ends a command in a shell, in a code span or in a table; not what containers and namespaces are called. */
const TYPED = /(?:(?<![\w/.@-]|-n |--name |exec )polyplex|polyplex\.mjs|npm run polyplex --|npm start --) ([a-z-][^`"|;&<>#()\n]*)/g;

/** What somebody who does as the text says would be told to be wrong. */
function wrongIn(text: string): string[] {
  const spans = [...text.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([span]) => span.replaceAll(/\\\n\s*/g, '')).join('\n');
  const commands = [...spans.matchAll(TYPED)].flatMap(([whole, typed]) => wrongCommand(whole.startsWith('npm start') ? `start ${typed!}` : typed!));
  const set = [...spans.matchAll(/--set '?([\w.]+)=/g)].map(([, name]) => name!).filter((name) => !settings.has(name));
  const named = [...spans.matchAll(/^`(\w+\.\w+)(?:[:=][^`]*)?`$/gm)].map(([, name]) => name!).filter((name) => sections.has(name.split('.')[0]!) && ![...settings, ...OTHER_SETTINGS].includes(name) && !/\.(ts|env|csv|log)$/.test(name));
  return [...commands, ...set, ...named];
}

function wrongCommand(typed: string): string[] {
  const words = typed.trim().split(/\s+/);
  let command: Command = program();
  while (words.length > 0) {
    const next = command.commands.find((each) => each.name() === words[0]);
    if (next === undefined) break;
    command = next;
    words.shift();
  }
  const isWhole = command.commands.length === 0 || words.length === 0 || words[0]!.startsWith('-') || words[0] === '…';
  const options = words.map((word) => /^(--?[a-z][a-z-]*)(?:=|$)/.exec(word)?.[1]).filter((name) => name !== undefined);
  const unknown = options.filter((name) => !['--help', '-h', ...command.options.flatMap(({ long, short }) => [long, short])].includes(name));
  return isWhole ? unknown.map((name) => `${typed}: no ${name}`) : [`${typed}: no such command`];
}

it.each(documents)('%s', (document) => {
  expect(wrongIn(read(document))).toEqual([]);
});

test('mistakes are found', () => {
  expect(wrongIn('`polyplex store exprot x`, `polyplex file send x --recipient 2`, ```sh\nnpm start -- --onyl smp\npolyplex start --set redis.url=x\n```, `redis.url`'))
    .toEqual(['store exprot x: no such command', 'file send x --recipient 2: no --recipient', 'start --onyl smp: no --onyl', 'redis.url', 'redis.url']);
  expect(settings.size).toBeGreaterThan(150);
});
