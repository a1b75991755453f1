/** `polyplex import`: takes over a server of the reference, one kind of server a subcommand. */
import { Command } from 'commander';
import { withConfigOptions } from '../config-options.ts';
import { importDirectory } from '../importing/import-directory.ts';
import { importXftp } from '../importing/import-xftp.ts';
import { importSimplex } from '../importing/simplex/import-simplex.ts';

const HELP = `
Examples:
  polyplex import simplex --help
  polyplex import xftp --help
  polyplex import directory --help`;

const SIMPLEX_HELP = `
Both servers must be stopped, the old one by SIGINT: only so it saves its messages. What is in the store already is passed
over, so an import that was interrupted is simply run again. The old server's files stay as they are.
Step by step, what is taken, and how to go back: docs/operations/moving-from-smp-server.md.

Examples, on the machine of the old server:
  polyplex import simplex --check --old-config /etc/opt/simplex --old-data /var/opt/simplex
  polyplex import simplex --old-config /etc/opt/simplex --old-data /var/opt/simplex --verify`;

const XFTP_HELP = `
Both servers must be stopped. What is in the store already is passed over, so an import that was interrupted is simply run
again. Bodies whose size or SHA-256 is not that of their record are not imported. The old server's files stay as they are.
Step by step, and how to go back: docs/operations/moving-files-from-xftp-server.md.

Examples, on the machine of the old server:
  polyplex import xftp --check --log /var/opt/simplex-xftp/file-server-store.log --ini /etc/opt/simplex-xftp/file-server.ini
  polyplex import xftp --log /var/opt/simplex-xftp/file-server-store.log --files /srv/xftp \\
    --ini /etc/opt/simplex-xftp/file-server.ini --identity /etc/opt/simplex-xftp --verify`;

const DIRECTORY_HELP = `
The bot must be made ("polyplex bot init") and must not run. Groups and contacts do not move: a new bot is a new contact to
everybody, and its owners invite it again. What is imported is expected then: the filter, the promotion, and for administrators
a line in the submission that says what the old directory knew. Run again, it adds what is new.
The database must not be encrypted; export it with the old program.

Examples:
  polyplex import directory --check --database simplex_directory_service_chat.db
  polyplex import directory --database simplex_directory_service_chat.db`;

export function importCommand(): Command {
  return new Command('import')
    .description('take over a server of the reference implementation')
    .addCommand(
      withConfigOptions(new Command('simplex'))
        .description('queues, messages, settings and identity of a relay (smp-server)')
        .option('--old-config <folder>', 'its configuration folder, with smp-server.ini, certificates, keys and fingerprint')
        .option('--old-data <folder>', 'its data folder, with smp-server-store.log and what was saved beside it')
        .option('--ini <file>', 'its settings alone (default: in --old-config): written to polyplex.yaml, or printed where that says otherwise')
        .option('--identity <folder>', 'its certificates, keys and fingerprint alone (default: --old-config)')
        .option('--log <file>', 'its queue log (default: in --old-data)')
        .option('--messages <path>', 'its saved messages, or the folder of its journals (default: in --old-data, as its settings say)')
        .option('--notifications <file>', 'its saved notifications (default: in --old-data)')
        .option('--check', 'only look whether all can be imported; changes nothing, and the old server may run')
        .option('--verify', 'afterwards compare every queue, message and notification in the store with the files')
        .option('--skip-bad', 'end with success although lines are wrong and were left out')
        .addHelpText('after', SIMPLEX_HELP)
        .action(importSimplex),
    )
    .addCommand(
      withConfigOptions(new Command('xftp'))
        .description('files, settings and identity of a file server (xftp-server)')
        .option('--log <file>', 'its store log, file-server-store.log')
        .option('--files <folder>', 'its folder of bodies (default: as --ini says)')
        .option('--ini <file>', 'its settings, file-server.ini: written to polyplex.yaml, or printed where that says otherwise')
        .option('--identity <folder>', 'its configuration folder, with ca.crt, ca.key, server.crt, server.key and fingerprint')
        .option('--check', 'only look whether all can be imported; changes nothing, and the old server may run')
        .option('--verify', 'afterwards compare every record and body in the store with the log')
        .option('--skip-bad', 'end with success although lines or bodies are wrong and were left out')
        .addHelpText('after', XFTP_HELP)
        .action(importXftp),
    )
    .addCommand(
      withConfigOptions(new Command('directory'))
        .description('registrations of a directory bot (simplex-directory-service)')
        .option('--database <file>', 'its chat database, SQLite')
        .option('--log <file>', 'its log of registrations, which has no names: to look at it')
        .option('--check', 'only say what there is; changes nothing')
        .addHelpText('after', DIRECTORY_HELP)
        .action(importDirectory),
    )
    .addHelpText('after', HELP);
}
