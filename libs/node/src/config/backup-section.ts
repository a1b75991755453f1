/** Backups that a running server makes of what its embedded engine keeps. */
import { join } from 'node:path';
import { integer, optionalPath, section, toggle } from '@polyplex/config';

export const backup = section('Copies of all that an embedded engine keeps, made while the server runs, when an operator asks for one on the admin port. `polyplex restore` makes a server of one.', {
  folder: optionalPath({ describe: 'Folder for backups, made when missing; by default `backups` in the folder of the data (`storage.dataDir`, `xftpStorage.dataDir`, `ntfStorage.dataDir`). On the same file system, bodies of files take no further room; keep a copy on another machine in any case.' }),
  keep: integer({ default: 3, min: 1, max: 1000, describe: 'How many backups of each server stay; older ones are removed when a new one is whole.' }),
  config: toggle({ default: false, describe: 'Whether the configuration folder goes with it, but for the CA key: settings, PRIVATE KEYS, passwords and tokens. With them whoever has the backup can pass for the server; without them, keep a copy of that folder elsewhere, or the server cannot be restored under its address.' }),
});

export interface BackupSettings {
  readonly backup: { readonly folder: string | null; readonly keep: number; readonly config: boolean };
}

/** `dataDir`: the folder of the server's data. */
export function backupFolder({ backup: { folder } }: BackupSettings, dataDir: string): string {
  return folder ?? join(dataDir, 'backups');
}
