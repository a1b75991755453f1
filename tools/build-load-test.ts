/** Bundles the script of the load test (`loadtest/`) for k6, whose own modules stay imports. */
import { build } from 'esbuild';
import { workspaceRoot } from './workspaces.ts';

/** Contents by name: `main.js`. Rejects when a source does not parse or an import does not resolve. */
export async function buildLoadTest(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    absWorkingDir: workspaceRoot,
    entryPoints: ['loadtest/main.ts'],
    outdir: 'dist/loadtest',
    write: false,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['k6', 'k6/*'],
    logLevel: 'warning',
  });
  return new Map(outputFiles.map(({ contents }) => ['main.js', contents]));
}
