/** What an import takes over besides files: settings and identity of the old server. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toBase64Url } from '@polyplex/base';
import { ConfigError } from '@polyplex/config';
import { type ConfigFlags, CONFIG_FILE, configFolder, loadSettings } from '../config-options.ts';
import { readText } from '../read-text.ts';
import { CliError } from '../report-failure.ts';
import { addressOf } from '../server-addresses.ts';
import { NOUNS, type ServerName } from '../settings/servers.ts';
import { makePrivateFolder, replacePrivateFile, writeNewPrivateFile } from '../setup/private-files.ts';
import { hasOwnIdentity, SETUPS } from '../setup/server-setup.ts';
import { missingFiles, type OldIdentity, takeOver } from './old-identity.ts';
import { type MergedSettings, mergeSettings, pieceText, type SettingsPiece } from './settings-piece.ts';

/** What the settings of an old server come to. */
export interface TakenSettings {
  readonly server: ServerName;
  readonly piece: SettingsPiece;
  /** Files that these settings name, in the configuration folder; `of` is what of the old server they hold. */
  readonly files: readonly { readonly name: string; readonly content: string; readonly of: string }[];
  /** What is given and has no counterpart here, in words that follow each other. */
  readonly others: readonly string[];
  /** Settings on which it depends what of the data is imported. */
  readonly needed: readonly string[];
}

/**
 * Writes the settings, or prints them; with `check`, only says what would be. Answers the flags by which to go on, which
 * then hold what a file would. Throws `CliError` or `ConfigError`.
 */
export function importSettings(old: TakenSettings, flags: ConfigFlags, check: boolean): ConfigFlags {
  const folder = configFolder(flags);
  const path = join(folder, CONFIG_FILE);
  const merged = merge(path, folder, old);
  if (!check) write(path, folder, old, merged);
  const said = {
    new: `Settings: ${check ? 'would be written to' : 'are in'} ${path}:\n\n${indented(pieceText(old.piece))}`,
    present: `Settings: are in ${path} already`,
    differs: `Settings: ${path} says otherwise, and STAYS AS IT IS. The old server had:\n\n${indented(merged.state === 'differs' ? pieceText(merged.piece) : '')}`,
  }[merged.state];
  const others = old.others.length === 0 ? '' : `Without a counterpart, or to be set by hand: ${old.others.join(', ')}\n`;
  process.stdout.write(`${said}\n${others}\n`);
  const wouldBe = check && merged.state === 'new' ? old.needed.flatMap((name) => settingOf(old.piece, name)) : [];
  return { ...flags, set: [...wouldBe, ...flags.set] };
}

/** `section.key=value`, if the piece has it. */
function settingOf(piece: SettingsPiece, name: string): string[] {
  const [section = '', key = ''] = name.split('.');
  const value = piece[section]?.[key];
  return typeof value === 'string' ? [`${name}=${value}`] : [];
}

function merge(path: string, folder: string, old: TakenSettings): MergedSettings {
  try {
    return mergeSettings(path, folder, old);
  } catch (error) {
    if (error instanceof ConfigError) process.stdout.write(`Settings: with these of the old server ${path} would be wrong, and STAYS AS IT IS:\n\n${indented(pieceText(old.piece))}\n\n`);
    throw error;
  }
}

/** First the files that the settings name. */
function write(path: string, folder: string, { files }: TakenSettings, merged: MergedSettings): void {
  const missing = files.filter(({ name, content, of }) => isNew(join(folder, name), content, of));
  for (const { name, content } of missing) {
    makePrivateFolder(dirname(join(folder, name)));
    writeNewPrivateFile(join(folder, name), content);
  }
  if (merged.state !== 'new') return;
  makePrivateFolder(dirname(path));
  if (existsSync(path)) replacePrivateFile(path, merged.text);
  else writeNewPrivateFile(path, merged.text);
}

/** Throws `CliError` FILES where something else is in the file. */
function isNew(file: string, content: string, of: string): boolean {
  if (!existsSync(file)) return true;
  if (readText(file).trim() === content.trim()) return false;
  throw new CliError('FILES', `${file} holds another ${of} of the old server: nothing was changed`);
}

function indented(text: string): string {
  return text.trimEnd().replace(/^/gm, '  ');
}

/** Puts the identity in its folder; with `check`, only says what would be. Throws `CliError` or `ConfigError`. */
export function importIdentity(identity: OldIdentity, server: ServerName, flags: ConfigFlags, check: boolean): void {
  const config = loadSettings({ ...flags, only: server }).values;
  const configDir = configFolder(flags);
  const setup = SETUPS[server];
  if (!hasOwnIdentity(configDir, config, server)) {
    throw new CliError('FILES', `the section ${setup.section} names certificates elsewhere: put those of ${identity.folder} there yourself, or take the section out`);
  }
  const folder = setup.folder(configDir);
  const names = check ? missingFiles(identity, folder, NOUNS[server]) : takeOver(identity, folder, NOUNS[server]);
  const done = names.length === 0 ? `is in ${folder} already` : `${names.join(', ')} ${check ? 'would be' : 'are'} in ${folder}`;
  const address = check ? `${server}://${toBase64Url(identity.fingerprint)}@…` : addressOf(config, server, { withPassword: false });
  const advice = identity.caKey === null
    ? 'The old server had no ca.key here: bring it for "polyplex cert rotate".'
    : 'ca.key is the identity itself: move the folder ca/ to a safe place off this machine.';
  process.stdout.write(`Identity: ${done}\nAddress:  ${address}\n${advice}\n\n`);
}
