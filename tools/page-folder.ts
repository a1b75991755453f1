/** A page for browsers as it is served: its script and style, each one file that imports nothing, beside what else is in its folder. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserBundle, bundleForBrowsers } from './bundle-for-browsers.ts';
import { workspaceRoot } from './workspaces.ts';

/** Contents by name, such as `console.js`; `page`: the folder, from the root of the workspace. Rejects as `bundleForBrowsers` does. */
export async function pageFolder(page: string, bundle: BrowserBundle): Promise<ReadonlyMap<string, Uint8Array>> {
  const made = await bundleForBrowsers(bundle);
  const kept = (await readdir(join(workspaceRoot, page))).filter((name) => !name.endsWith('.css'));
  const copies = await Promise.all(kept.map(async (name) => [name, await readFile(join(workspaceRoot, page, name))] as const));
  return new Map([...copies, ...made]);
}

/** Engines of the middle of 2024: the first with `light-dark()` in all of them. */
export const PAGE_BROWSERS = ['chrome123', 'firefox124', 'safari17.5'];
