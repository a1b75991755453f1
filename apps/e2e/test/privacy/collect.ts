/**
 * Around the whole end-to-end suite: before it a folder is made where everything goes that servers write and clients use, and
 * after it no text of a server may hold an id, a key or an address of a client. A failure here fails the run.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { suspicion, TraceFinder, usedIn } from '../../src/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    collectedOutput: string;
  }
}

const SHOWN = 20;
let folder: string | undefined;

export function setup(project: TestProject): void {
  folder = mkdtempSync(join(tmpdir(), 'polyplex-privacy-'));
  project.provide('collectedOutput', folder);
}

export function teardown(): void {
  if (folder === undefined) return;
  const used = usedIn(folder);
  const finder = new TraceFinder(used);
  const texts = readdirSync(folder).filter((name) => name.endsWith('.txt')).map((name) => ({ name, text: readFileSync(join(folder!, name), 'utf8') }));
  const found = texts.flatMap(({ name, text }) => [
    ...finder.in(name, text).map(({ what, as, line }) => `${name}: ${what} as ${as}: ${line}`),
    ...text.split('\n').flatMap((line) => (suspicion(line) === null ? [] : [`${name}: what looks like ${suspicion(line)!}: ${line}`])),
  ]);
  const size = texts.reduce((sum, { text }) => sum + text.length, 0);
  rmSync(folder, { recursive: true });
  if (found.length > 0) {
    throw new Error(`servers wrote what identifies clients, ${String(found.length)} times:\n${found.slice(0, SHOWN).map((line) => `  ${line}\n`).join('')}`);
  }
  if (texts.length > 0) console.log(`privacy: ${String(texts.length)} texts of servers (${String(Math.round(size / 1000))} kB) hold none of ${String(used.ids.length)} ids and keys and ${String(used.addresses.length)} addresses of clients`);
}
