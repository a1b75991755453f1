/**
 * The scripts in `lua/`: each is one atomic step on the keys of one hash slot. A script's header declares what it may do
 * and names its keys and arguments, in order; from it come the locals that the script begins with, and the check that a
 * caller gives as many.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { storeError } from '@polyplex/store-common';

/**
 * `reads` writes nothing; `frees` also works when Redis has no memory left: what frees it, and what clients and nodes need
 * to get that far, which takes little; `grows` does not. `hints` is `frees` whose answer waits for no replica or disk: what
 * is lost of it is made up for.
 */
type Effect = 'reads' | 'hints' | 'frees' | 'grows';

export interface Script {
  readonly name: string;
  readonly effect: Effect;
  readonly keys: readonly string[];
  /** Those with names; a script may take more. */
  readonly args: readonly string[];
  readonly source: string;
  readonly sha1: string;
}

const FLAGS: Readonly<Record<Effect, string>> = { reads: ' flags=no-writes', hints: ' flags=allow-oom', frees: ' flags=allow-oom', grows: '' };
const FOLDER = new URL('./lua/', import.meta.url);
/** What scripts share: those of tokens, named so, have their own. */
const TOKENS = 'token-';
const SHARED = 'lib.lua';
const SHARED_BY_TOKENS = 'token-lib.lua';

const shared = readText(SHARED);
const sharedByTokens = readText(SHARED_BY_TOKENS);

function readText(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}

function headerLine(text: string, pattern: RegExp): string[] | null {
  const found = new RegExp(`^--! ${pattern.source}[ ]*(.*)$`, 'm').exec(text);
  return found === null ? null : (found[1] ?? '').split(' ').filter((word) => word !== '');
}

function locals(names: readonly string[], from: 'KEYS' | 'ARGV'): string {
  if (names.length === 0) return '';
  return `local ${names.join(', ')} = ${names.map((_, i) => `${from}[${String(i + 1)}]`).join(', ')}\n`;
}

function parseScript(file: string): Script {
  const text = readText(file);
  const effect = (['reads', 'hints', 'frees', 'grows'] as const).find((each) => headerLine(text, new RegExp(each)) !== null);
  const keys = headerLine(text, /keys/);
  const args = headerLine(text, /args/);
  if (effect === undefined || keys === null || args === null) throw storeError('FAILED', undefined, `${file}: the header is not whole`);
  const source = `#!lua${FLAGS[effect]}\n${locals(keys, 'KEYS')}${locals(args, 'ARGV')}${file.startsWith(TOKENS) ? sharedByTokens : shared}${text}`;
  return { name: file.slice(0, -'.lua'.length), effect, keys, args, source, sha1: createHash('sha1').update(source).digest('hex') };
}

const SCRIPTS: ReadonlyMap<string, Script> = new Map(
  readdirSync(FOLDER).filter((file) => file.endsWith('.lua') && ![SHARED, SHARED_BY_TOKENS].includes(file)).map((file) => {
    const script = parseScript(file);
    return [script.name, script];
  }),
);

export const allScripts: readonly Script[] = [...SCRIPTS.values()];

/** The script in `lua/<name>.lua`. */
export function script(name: string): Script {
  const found = SCRIPTS.get(name);
  if (found === undefined) throw storeError('FAILED', undefined, `no script is called ${name}`);
  return found;
}
