/**
 * Bundles the whole stack into `dist/polyplex.mjs`, with the Redis scripts beside it in `dist/lua` and the scripts of the file
 * server's page in `dist/page`, the console in `dist/console`, the directory's page in `dist/directory`, and k6's script in `dist/loadtest`: one module for Node 24, started by `polyplex` and by every script.
 * Sources of the workspace are bundled; packages from npm stay imports, because several are native addons. Invariant:
 * what the bundle imports is a production dependency of the root package, so `npm ci --omit=dev` leaves it runnable.
 */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { build, type Metafile, type Plugin } from 'esbuild';
import { buildConsole } from './build-console.ts';
import { buildDirectory } from './build-directory.ts';
import { buildLoadTest } from './build-load-test.ts';
import { buildPage } from './build-page.ts';
import { readManifest, workspaceEntries, workspaceRoot } from './workspaces.ts';

const BUNDLE = 'dist/polyplex.mjs';
/** Read by the bundle beside itself. */
const SCRIPTS = 'dist/lua';
const PAGE = 'dist/page';
const CONSOLE = 'dist/console';
const DIRECTORY = 'dist/directory';
const LOAD_TEST = 'dist/loadtest';

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

/** What browsers load from a server; the node keeps it in memory. */
async function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, content] of files) await writeFile(`${folder}/${name}`, content);
}

try {
  const metafile = await bundle();
  await rm(SCRIPTS, { recursive: true, force: true });
  await cp('libs/store/redis/src/lua', SCRIPTS, { recursive: true });
  await writeFiles(PAGE, await buildPage());
  await writeFiles(CONSOLE, await buildConsole());
  await writeFiles(DIRECTORY, await buildDirectory());
  await writeFiles(LOAD_TEST, await buildLoadTest());
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
