/**
 * The console as a server's admin port gives it: the page, and what it loads, kept in memory. The build puts it together
 * (`tools/build-console.ts`). Nothing of it is data; that the page fetches with whatever right its reader has.
 */
import { readFileSync } from 'node:fs';
import { RUNBOOKS, runbookFile } from './runbooks.ts';

export interface ConsoleFiles {
  readonly html: string;
  /** Content-Security-Policy. */
  readonly policy: string;
  /** By name, such as `console.js`. */
  readonly assets: ReadonlyMap<string, { readonly contentType: string; readonly content: Uint8Array }>;
}

const HTML = 'index.html';
const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml', md: 'text/plain; charset=utf-8' };
const ASSETS = ['console.js', 'console.css', 'icon-good.svg', 'icon-warn.svg', 'icon-bad.svg', 'icon-off.svg', ...RUNBOOKS.map(runbookFile)];

/** Its own files and its own server, and text that cannot become markup. */
const POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
].join('; ');

/** Beside the bundle of the whole stack; from sources, what the last build left. */
const FOLDERS = ['./console/', '../../../dist/console/'];

/** null when they were not built; throws when they cannot be read. */
export function readConsoleFiles(folders: readonly URL[] = FOLDERS.map((folder) => new URL(folder, import.meta.url))): ConsoleFiles | null {
  for (const folder of folders) {
    const html = read(new URL(HTML, folder));
    const assets = ASSETS.map((name) => [name, read(new URL(name, folder))] as const);
    const found = assets.filter((asset): asset is readonly [string, Uint8Array] => asset[1] !== null);
    if (html !== null && found.length === ASSETS.length) return filesOf(html, found);
  }
  return null;
}

function filesOf(html: Uint8Array, assets: readonly (readonly [string, Uint8Array])[]): ConsoleFiles {
  return {
    html: Buffer.from(html).toString('utf8'),
    policy: POLICY,
    assets: new Map(assets.map(([name, content]) => [name, { contentType: TYPES[name.split('.').at(-1)!]!, content }])),
  };
}

function read(file: URL): Uint8Array | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
