/** `polyplex address`: what users type or scan to use the relay. */
import { Command } from 'commander';
import { type ConfigFlags, loadSmpConfig, withConfigOptions } from '../config-options.ts';
import { addressOf } from '../relay-facts.ts';
import { qrText } from '../setup/qr-code.ts';

interface Flags extends ConfigFlags {
  readonly qr?: true;
  /** False for --no-password. */
  readonly password: boolean;
}

async function address(flags: Flags): Promise<void> {
  const text = addressOf(loadSmpConfig(flags).values, { withPassword: flags.password });
  process.stdout.write(`${text}\n`);
  if (flags.qr === true) process.stdout.write(`\n${await qrText(text, process.stdout.isTTY)}\n`);
}

const HELP = `
Examples:
  polyplex address --qr
  polyplex address --no-password      for those who shall send, but not create queues
  polyplex check "$(polyplex address)"`;

export function addressCommand(): Command {
  return withConfigOptions(new Command('address'))
    .description('print the address of the relay, with its password if there is one')
    .option('--qr', 'also as QR code')
    .option('--no-password', 'leave the password out')
    .addHelpText('after', HELP)
    .action(address);
}
