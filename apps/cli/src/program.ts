/** The whole command line: one file a command, each of which makes its own part. */
import { Command } from 'commander';
import { adminCommand } from './commands/admin.ts';
import { addressCommand } from './commands/address.ts';
import { botCommand } from './commands/bot.ts';
import { certCommand } from './commands/cert.ts';
import { checkCommand } from './commands/check.ts';
import { configCommand } from './commands/config.ts';
import { importCommand } from './commands/import.ts';
import { fileCommand } from './commands/file.ts';
import { initCommand } from './commands/init.ts';
import { loadTestCommand, loadTestWorkerCommand } from './commands/loadtest.ts';
import { ntfCommand } from './commands/ntf.ts';
import { queueCommand } from './commands/queue.ts';
import { restoreCommandOf } from './commands/restore.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { storeCommand } from './commands/store.ts';
import { upgradeCommand } from './commands/upgrade.ts';
import { xftpCommand } from './commands/xftp.ts';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import { VERSION } from './version.ts';

const HELP = `
Examples:
  polyplex start                              run relay and file server here; the first start makes them
  polyplex init --host smp.example.org        make them without starting them
  polyplex status                             are they well, and what do they do?
  polyplex check "$(polyplex address)"        do they work from outside?
${EXIT_CODES_HELP}`;

const COMMANDS = [initCommand, startCommand, addressCommand, statusCommand, checkCommand, certCommand, configCommand, queueCommand, xftpCommand, ntfCommand, botCommand, adminCommand, storeCommand, restoreCommandOf, importCommand, upgradeCommand, fileCommand, loadTestCommand];

export function program(): Command {
  const root = new Command('polyplex')
    .description('Self-hosted SimpleX relay, file server, push proxy and directory bot')
    .version(VERSION, '-v, --version')
    .showHelpAfterError('(see --help)')
    .addHelpText('after', HELP);
  for (const command of COMMANDS) root.addCommand(command());
  root.addCommand(loadTestWorkerCommand(), { hidden: true });
  throwInsteadOfExit(root);
  return root;
}

/** So that wrong use ends like every other failure: with one exit code, decided in one place. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const each of command.commands) throwInsteadOfExit(each);
}
