/** `polyplex bot`: makes the directory bot, starts it alone, tells its address, and asks the running one. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { botAddressFile, holdsBotData, newBotKey, readBotKey } from 'directory-bot';
import { ask } from '../admin-client.ts';
import { CONFIG_FILE, configFolder, type ConfigFlags, loadSettings, withConfigOptions } from '../config-options.ts';
import { type AdminFlags, targetOf, withAdminOptions } from '../control/admin-flags.ts';
import { adminsText } from '../control/directory-text.ts';
import { CliError } from '../report-failure.ts';
import { runsBot, serversOf } from '../settings/servers.ts';
import { makePrivateFolder, writeNewPrivateFile } from '../setup/private-files.ts';
import { qrText } from '../setup/qr-code.ts';
import { startCommand } from './start.ts';

function init(flags: ConfigFlags): void {
  const folder = configFolder(flags);
  const { values } = loadSettings({ ...flags, only: 'bot' });
  const { keyFile } = values.bot;
  if (existsSync(keyFile)) {
    readBotKey(values);
    throw new CliError('FILES', `${keyFile} is there already: the bot is made; nothing was changed`);
  }
  const dataDir = values.bot.dataDir ?? values.storage.dataDir;
  if (holdsBotData(dataDir)) throw new CliError('FILES', `there are data of a directory bot in ${dataDir}, but no ${keyFile}: without it they cannot be read. Bring it back, or move the data away to begin anew`);
  makePrivateFolder(join(keyFile, '..'));
  writeNewPrivateFile(keyFile, newBotKey());
  process.stdout.write(`${madeText(keyFile, folder, flags)}\n`);
}

function madeText(keyFile: string, folder: string, flags: ConfigFlags): string {
  const values = loadSettings(flags).values;
  const relays = values.bot.relays.length > 0 ? values.bot.relays.join(', ') : 'the one of this configuration';
  const command = serversOf(values).length > 0 && runsBot(values) ? '"polyplex start" runs it beside the servers' : '"polyplex bot start" runs it';
  return `A new directory bot in ${folder}

  Key           ${keyFile}: what the bot keeps is sealed with it; keep a copy
  Relays        ${relays}

${command}; its address is printed then, and by "polyplex bot address".
To approve groups, connect to it with a SimpleX app, send it /whoami, and put what it answers into
${join(folder, CONFIG_FILE)}:

  botDirectory:
    superUsers: ["1:your name"]`;
}

interface AddressFlags extends ConfigFlags {
  readonly qr?: true;
}

async function address(flags: AddressFlags): Promise<void> {
  const { values } = loadSettings({ ...flags, only: 'bot' });
  const file = botAddressFile(values);
  if (!existsSync(file)) throw new CliError('FAILED', `the bot has no address yet (${file} is missing): it gets one when it runs for the first time`);
  const text = readFileSync(file, 'utf8').trim();
  process.stdout.write(`${text}\n`);
  if (flags.qr === true) process.stdout.write(`\n${await qrText(text, process.stdout.isTTY)}\n`);
}

async function admins(flags: AdminFlags): Promise<void> {
  const answer = await ask(targetOf(flags, 'bot'), 'admins');
  print(flags, answer, adminsText(answer));
}

async function publish(flags: AdminFlags): Promise<void> {
  const answer = await ask(targetOf(flags, 'bot'), 'publish', {});
  print(flags, answer, `written: ${String(answer.groups)} on the list`);
}

async function checkLinks(flags: AdminFlags): Promise<void> {
  const answer = await ask(targetOf(flags, 'bot'), 'checkLinks', {});
  print(flags, answer, `due now, read one after another: the links of ${String(answer.channels)} channels`);
}

function print({ json }: AdminFlags, answer: object, text: string): void {
  process.stdout.write(`${json === true ? JSON.stringify(answer) : text}\n`);
}

const HELP = `
How it is: "polyplex status --only bot". What is logged: "polyplex admin log-level --only bot".

Examples:
  polyplex bot init
  polyplex bot start --set bot.relays=smp://…@smp.example.org
  polyplex bot address --qr
  polyplex bot admins
  polyplex bot publish
  polyplex bot check-links`;

export function botCommand(): Command {
  return new Command('bot')
    .description('the directory bot: where people find groups and register their own')
    .addCommand(withConfigOptions(new Command('init')).description('make a bot; later starts run it beside the servers').action(init))
    .addCommand(startBotCommand())
    .addCommand(withConfigOptions(new Command('address')).description('print the link by which people connect to it').option('--qr', 'also as a QR code').action(address))
    .addCommand(withAdminOptions(new Command('admins')).description('say whether those whom the settings name as administrators have their rights, and how to mend it').action(admins))
    .addCommand(withAdminOptions(new Command('publish')).description('bring the web listing up to date now').action(publish))
    .addCommand(withAdminOptions(new Command('check-links')).description('read the links of all channels again now, not only when they are due').action(checkLinks))
    .addHelpText('after', HELP);
}

/** As `polyplex start --only bot`. */
function startBotCommand(): Command {
  return withConfigOptions(new Command('start'))
    .description('run it alone, as "polyplex start --only bot" does')
    .option('--no-qr', 'do not print its address as a QR code')
    .action(async (_flags: unknown, command: Command) => {
      await startCommand().parseAsync(['--only', 'bot', ...givenTo(command)], { from: 'user' });
    });
}

/** The options as they were given. */
function givenTo(command: Command): string[] {
  const { configDir, set, qr } = command.opts<ConfigFlags & { readonly qr: boolean }>();
  return [...(configDir === undefined ? [] : ['--config-dir', configDir]), ...set.flatMap((setting) => ['--set', setting]), ...(qr ? [] : ['--no-qr'])];
}
