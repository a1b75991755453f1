/** `polyplex config`: checks, shows and documents the configuration. */
import { configReference, printConfig } from '@polyplex/config';
import { Command } from 'commander';
import { configFolder, type ConfigFlags, loadSettings, withConfigOptions } from '../config-options.ts';
import { checkNamedFiles } from '../settings/check-named-files.ts';
import { polyplexConfig } from '../settings/polyplex-config.ts';

/** Also reads what the settings name, as a start would. */
function check(flags: ConfigFlags): void {
  const { values, origins } = loadSettings(flags);
  checkNamedFiles(configFolder(flags), values);
  process.stdout.write(`The configuration is right: ${String(origins.size)} settings given, the rest by default.\n`);
}

function print(flags: ConfigFlags): void {
  process.stdout.write(printConfig(loadSettings(flags)));
}

function reference(): void {
  process.stdout.write(configReference(polyplexConfig));
}

const HELP = `
Examples:
  polyplex config check --config-dir /etc/polyplex
  polyplex config print --set limits.connections=5000
  polyplex config reference > docs/configuration.md`;

export function configCommand(): Command {
  return new Command('config')
    .description('check, print or document the configuration')
    .addCommand(withConfigOptions(new Command('check')).description('say everything that is wrong with it').action(check))
    .addCommand(withConfigOptions(new Command('print')).description('print what is in effect and where it came from').action(print))
    .addCommand(new Command('reference').description('print all settings as Markdown').action(reference))
    .addHelpText('after', HELP);
}
