/** Scripts and styles for browsers: each entry becomes one file that imports nothing. */
import { basename } from 'node:path';
import { build } from 'esbuild';
import { workspaceRoot } from './workspaces.ts';

export interface BrowserBundle {
  /** From the root of the workspace. */
  readonly entries: readonly string[];
  /** The oldest engines that must run it. */
  readonly browsers: readonly string[];
}

/** Contents by name, such as `app.js`; rejects when a source does not parse or an import does not resolve. */
export async function bundleForBrowsers({ entries, browsers }: BrowserBundle): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    absWorkingDir: workspaceRoot,
    entryPoints: [...entries],
    entryNames: '[name]',
    // Nothing is written: this only names what is made.
    outdir: 'dist',
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: [...browsers],
    minify: true,
    logLevel: 'warning',
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
}
