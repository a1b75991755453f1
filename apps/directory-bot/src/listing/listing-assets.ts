/** The page of the directory, which the build puts together from `page/` (`tools/build-directory.ts`); the bot keeps it in memory. */
import { readdirSync, readFileSync } from 'node:fs';

/** By path, such as `/index.html`. */
export type ListingAssets = ReadonlyMap<string, { readonly type: string; readonly body: Uint8Array }>;

/** Beside the bundle of the whole stack; from sources, what the last build left. */
const FOLDERS = ['./directory/', '../../../../dist/directory/'];

const TYPES: Readonly<Record<string, string>> = { html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' };

/** null when it was not built; throws when it cannot be read. */
export function readListingAssets(folders: readonly URL[] = FOLDERS.map((folder) => new URL(folder, import.meta.url))): ListingAssets | null {
  for (const folder of folders) {
    const names = namesIn(folder);
    if (!names.includes('index.html')) continue;
    return new Map(names.map((name) => [`/${name}`, { type: TYPES[name.split('.').at(-1)!] ?? 'application/octet-stream', body: readFileSync(new URL(name, folder)) }]));
  }
  return null;
}

function namesIn(folder: URL): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
