import type { SecretFile } from '../secrets/names.ts';

/** One file of a machine; whoever owns it reads it, nobody else. */
export interface MachineFile {
  readonly path: string;
  readonly mode: string;
  readonly owner: string;
  readonly content: string | SecretFile;
}

/** One that everybody may read. */
export const openFile = (path: string, content: string): MachineFile => ({ path, mode: '644', owner: 'root:root', content });
