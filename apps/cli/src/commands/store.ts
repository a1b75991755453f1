/** `polyplex store`: moves all that a relay keeps to another engine or machine, by way of a file. */
import { Command } from 'commander';
import { withConfigOptions } from '../config-options.ts';
import { exportCommand } from '../moving/export.ts';
import { importCommand } from '../moving/import.ts';
import { verifyCommand } from '../moving/verify.ts';

const HELP = `
The relay must be stopped, but for an export with --online. How to move a relay, step by step, and the format of the file: docs/operations/moving-stores.md.

Examples:
  polyplex store export relay.store
  polyplex store verify relay.store
  polyplex store import relay.store --config-dir /etc/polyplex
  polyplex store export - | ssh other polyplex store import -`;

const EXPORT_HELP = `
The file is FILE.part until it is whole. An interrupted export goes on with --resume; do not start the relay in between.
It holds the secrets and messages of all queues.

Examples:
  polyplex store export relay.store
  polyplex store export --resume relay.store
  polyplex store export --online backup.store`;

const IMPORT_HELP = `
The file is checked first; nothing is imported of one that is damaged or cut short. What is in the store already is passed
over, so an import that was interrupted is simply run again. From a pipe, each part is checked before it is used.

Examples:
  polyplex store import relay.store
  polyplex store import relay.store --config-dir /etc/polyplex --set storage.dataDir=/var/lib/polyplex`;

const VERIFY_HELP = `
Needs no store and no configuration.

Example:
  polyplex store verify relay.store`;

const FILE = 'the file, or - for';

export function storeCommand(): Command {
  return new Command('store')
    .description('move queues and messages to another store: export, verify, import')
    .addCommand(
      withConfigOptions(new Command('export'))
        .description('write all that the store keeps to a file')
        .argument('<file>', `${FILE} the standard output`)
        .option('--resume', 'go on with an export that was interrupted')
        .option('--online', 'while nodes run, as a backup; with storage.engine=redis only')
        .option('--skip-damaged', 'leave out queues that cannot be read, instead of ending there')
        .addHelpText('after', EXPORT_HELP)
        .action(exportCommand),
    )
    .addCommand(
      withConfigOptions(new Command('import'))
        .description('write all that a file holds to the store')
        .argument('<file>', `${FILE} the standard input`)
        .addHelpText('after', IMPORT_HELP)
        .action(importCommand),
    )
    .addCommand(
      new Command('verify')
        .description('check that a file is whole, by its checksums and counts')
        .argument('<file>', `${FILE} the standard input`)
        .addHelpText('after', VERIFY_HELP)
        .action(verifyCommand),
    )
    .addHelpText('after', HELP);
}
