/** The scripts of the pages, which the build bundles from `browser/` (`tools/build-page.ts`) and the node keeps in memory. */
import { readFileSync } from 'node:fs';

/** Names of the entries in `browser/` and of the bundles made of them. */
const PAGE_SCRIPTS = ['app.js', 'worker.js', 'open.js'] as const;

export type PageAssets = Readonly<Record<(typeof PAGE_SCRIPTS)[number], Uint8Array>>;

/** Beside the bundle of the whole stack; from sources, what the last build left. */
const FOLDERS = ['./page/', '../../../../dist/page/'];

/** null when they were not built; throws when they cannot be read. */
export function readPageAssets(folders: readonly URL[] = FOLDERS.map((folder) => new URL(folder, import.meta.url))): PageAssets | null {
  for (const folder of folders) {
    const sources = PAGE_SCRIPTS.map((name) => [name, readScript(new URL(name, folder))] as const);
    if (sources.every(([, source]) => source !== null)) return Object.fromEntries(sources) as unknown as PageAssets;
  }
  return null;
}

function readScript(file: URL): Uint8Array | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
