/** A cluster whose data stays between runs: its file `cluster.json` says which nodes it has; there is none until it formed. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalClusterError } from './errors.ts';

const FILE = 'cluster.json';

interface KeptNode {
  readonly port: number;
  readonly busPort: number;
}

export interface KeptCluster {
  readonly primaries: number;
  /** Of each primary. */
  readonly replicas: number;
  readonly nodes: readonly KeptNode[];
}

/** Null when no cluster formed there; what an unfinished start left in its nodes' folders is removed. */
export function readKept(folder: string, wanted: Pick<KeptCluster, 'primaries' | 'replicas'>): KeptCluster | null {
  const file = join(folder, FILE);
  if (!existsSync(file)) {
    for (let index = 0; existsSync(nodeFolder(folder, index)); index += 1) rmSync(nodeFolder(folder, index), { recursive: true });
    return null;
  }
  const kept = JSON.parse(readFileSync(file, 'utf8')) as KeptCluster;
  if (kept.primaries !== wanted.primaries || kept.replicas !== wanted.replicas) {
    throw new LocalClusterError('STATE', `${folder} holds a cluster of ${kept.primaries} primaries with ${kept.replicas} replicas each; start it like that, or take another folder`);
  }
  return kept;
}

export function writeKept(folder: string, cluster: KeptCluster): void {
  writeFileSync(join(folder, FILE), `${JSON.stringify(cluster, null, 2)}\n`);
}

export function nodeFolder(folder: string, index: number): string {
  return join(folder, `node-${index}`);
}
