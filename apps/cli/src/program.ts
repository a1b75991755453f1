/** The whole command line: one file a command, each of which makes its own part. */
import { Command } from 'commander';
import { addressCommand } from './commands/address.ts';
import { certCommand } from './commands/cert.ts';
import { checkCommand } from './commands/check.ts';
import { configCommand } from './commands/config.ts';
import { initCommand } from './commands/init.ts';
import { queueCommand } from './commands/queue.ts';
import { startCommand } from './commands/start.ts';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import { VERSION } from './version.ts';

const HELP = `
Examples:
  polyplex start                              run a relay here; the first start makes it
  polyplex init --host smp.example.org        make a relay without starting it
  polyplex check "$(polyplex address)"        does it work from outside?
${EXIT_CODES_HELP}`;

const COMMANDS = [initCommand, startCommand, addressCommand, checkCommand, certCommand, configCommand, queueCommand];

export function program(): Command {
  const root = new Command('polyplex')
    .description('Self-hosted SimpleX relay')
    .version(VERSION, '-v, --version')
    .showHelpAfterError('(see --help)')
    .addHelpText('after', HELP);
  for (const command of COMMANDS) root.addCommand(command());
  throwInsteadOfExit(root);
  return root;
}

/** So that wrong use ends like every other failure: with one exit code, decided in one place. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const each of command.commands) throwInsteadOfExit(each);
}
