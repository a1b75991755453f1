/** `polyplex upgrade check`: what this program would find and do, asked before it takes over. Changes nothing. */
import { Command } from 'commander';
import { type ConfigFlags, withConfigOptions } from '../config-options.ts';
import { reportText } from '../upgrading/report-text.ts';
import { upgradeReport, VERDICT_EXIT } from '../upgrading/upgrade-report.ts';

async function check({ json, ...flags }: ConfigFlags & { readonly json?: true }): Promise<void> {
  const report = await upgradeReport(flags);
  process.stdout.write(json === true ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  process.exitCode = VERDICT_EXIT[report.verdict];
}

const HELP = `
Run it with the new program and the configuration of the old one; servers may run meanwhile, or not.

Exit codes: 0 ready; 1 it would work, but there is no backup, or no room for one, or data is converted; 3 settings that are wrong,
unknown or renamed; 4 certificates, keys or files are missing or wrong; 6 data that this program does not open.

Examples:
  node /opt/polyplex-new/dist/polyplex.mjs upgrade check --config-dir /etc/polyplex
  polyplex upgrade check --json`;

export function upgradeCommand(): Command {
  return new Command('upgrade')
    .description('before a new version: check settings, files and data, and how to go on')
    .addCommand(
      withConfigOptions(new Command('check'))
        .description('say what this program finds and would do; changes nothing')
        .option('--json', 'print the report as JSON')
        .addHelpText('after', HELP)
        .action(check),
    );
}
