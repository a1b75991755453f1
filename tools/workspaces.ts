/**
 * The packages of this workspace and where their sources begin. The root package.json names the folders; each package
 * names its entry. Invariant: one public entry per package (`exports["."]`), so that nothing imports another's insides.
 */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Absolute path of the workspace root. */
export const workspaceRoot = resolve(import.meta.dirname, '..');

/** What the tools read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  /** The entry, with another one for browsers where the first needs Node. */
  readonly exports?: Readonly<Record<string, string | { readonly browser: string; readonly default: string }>>;
  readonly nx?: { readonly tags?: readonly string[] };
}

/** Reads the package.json of one folder; throws when it is missing or is no JSON. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** One package of the workspace: its manifest and the absolute path of its folder. */
export interface WorkspacePackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** All packages of the workspace, in order of their folders. */
export function workspacePackages(): WorkspacePackage[] {
  const patterns = (readManifest(workspaceRoot).workspaces ?? []).map((pattern) => `${pattern}/package.json`);
  return globSync(patterns, { cwd: workspaceRoot })
    .sort()
    .map((file) => resolve(workspaceRoot, file, '..'))
    .map((folder) => ({ folder, manifest: readManifest(folder) }));
}

/** Absolute path of the source file behind each package name. */
export function workspaceEntries(): Map<string, string> {
  return new Map(
    workspacePackages().flatMap(({ folder, manifest }) => {
      const entry = manifest.exports?.['.'];
      return entry === undefined ? [] : [[manifest.name, join(folder, typeof entry === 'string' ? entry : entry.default)] as const];
    }),
  );
}
