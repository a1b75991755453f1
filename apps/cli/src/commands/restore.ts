/** `polyplex restore`: makes a server of a backup that was made while it ran. */
import { Command } from 'commander';
import { withConfigOptions } from '../config-options.ts';
import { restoreCommand } from '../restoring/restore.ts';

const HELP = `
The folder is one of those in backup.folder, as "polyplex admin backup" made it. It is checked first. Nothing that is there is
overwritten: data of the server must not be, and a configuration folder that is not empty stays as it is. The address stays
the same: the backup's own certificates are restored (backup.config), or those that are there must be of the same server.
Restoring can be interrupted and run again. See docs/operations/backup.md.

Examples:
  polyplex restore /var/lib/polyplex/backups/smp-20261129-155123
  polyplex restore --check backups/xftp-20261129-155130
  polyplex restore backups/smp-20261129-155123 --config-dir /etc/polyplex --set storage.dataDir=/var/lib/polyplex`;

export function restoreCommandOf(): Command {
  return withConfigOptions(new Command('restore'))
    .description('make a server of a backup, where there is none')
    .argument('<folder>', 'the backup')
    .option('--check', 'only check that it is whole')
    .option('--other-identity', 'restore under another address; clients of the old one lose their queues or files')
    .addHelpText('after', HELP)
    .action(restoreCommand);
}
