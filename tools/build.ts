/**
 * Bundles the whole stack into `dist/polyplex.mjs`: one module for Node 24, started by `polyplex` and by every script.
 * Sources of the workspace are bundled; packages from npm stay imports, because several are native addons. Invariant:
 * what the bundle imports is a production dependency of the root package, so `npm ci --omit=dev` leaves it runnable.
 */
import { isBuiltin } from 'node:module';
import { build, type Metafile, type Plugin } from 'esbuild';
import { readManifest, workspaceEntries, workspaceRoot } from './workspaces.ts';

const BUNDLE = 'dist/polyplex.mjs';

/** Resolves packages of the workspace to their sources; other bare imports stay imports. */
function workspacePackagesPlugin(): Plugin {
  const entries = workspaceEntries();
  return {
    name: 'workspace-packages',
    setup: (context) => {
      context.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
        if (kind === 'entry-point') return undefined;
        const source = entries.get(path);
        return source === undefined ? { path, external: true } : { path: source };
      });
    },
  };
}

/** `a/b` of `a/b/c` for scoped packages, `a` of `a/b` for others. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Names of packages the bundle imports but production would not have. */
function undeclaredPackages(metafile: Metafile): string[] {
  const declared = readManifest(workspaceRoot).dependencies ?? {};
  const imported = Object.values(metafile.outputs)
    .flatMap((output) => output.imports)
    .filter((entry) => entry.external === true && !isBuiltin(entry.path))
    .map((entry) => packageOf(entry.path));
  return [...new Set(imported)].filter((name) => !Object.hasOwn(declared, name));
}

/** Writes the bundle and its source map; rejects when a source does not parse or an import does not resolve. */
async function bundle(): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: workspaceRoot,
    entryPoints: ['apps/cli/src/main.ts'],
    outfile: BUNDLE,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
    plugins: [workspacePackagesPlugin()],
  });
  return metafile;
}

try {
  const metafile = await bundle();
  const undeclared = undeclaredPackages(metafile);
  if (undeclared.length > 0) {
    throw new Error(`${BUNDLE} imports packages that are no dependencies of the root package: ${undeclared.join(', ')}`);
  }
  console.log(`${BUNDLE}: ${String(Math.round((metafile.outputs[BUNDLE]?.bytes ?? 0) / 1024))} KiB`);
} catch (error) {
  // What esbuild found it has printed already, with the lines concerned.
  if (!(error instanceof Error && 'errors' in error)) console.error(error);
  process.exitCode = 1;
}
