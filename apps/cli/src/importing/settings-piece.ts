/**
 * Settings from elsewhere in `polyplex.yaml`: written where it has none of them, and printed where it has some that say
 * otherwise. What stands there, comments included, stays as it is.
 */
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { loadConfig, processEnvironment } from '@polyplex/config';
import { isMap, parseDocument, stringify } from 'yaml';
import { readText } from '../read-text.ts';
import { CliError } from '../report-failure.ts';
import { polyplexConfig } from '../settings/polyplex-config.ts';
import { NOUNS, SERVER_NAMES, type ServerName } from '../settings/servers.ts';

/** By section and name, as the file has them. */
export type SettingsPiece = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export type MergedSettings =
  /** `text`: the file's new content. */
  | { readonly state: 'new'; readonly text: string }
  | { readonly state: 'present' }
  /** `piece`: what is missing or otherwise. */
  | { readonly state: 'differs'; readonly piece: SettingsPiece };

/** A server that came alone stays alone until its operator wants another beside it. */
function newFile(server: ServerName): string {
  const other = SERVER_NAMES.find((name) => name !== server)!;
  return `# A Polyplex server. All settings: \`polyplex config reference\`; what is in effect: \`polyplex config print\`.
# The ${NOUNS[server]} alone; without "run: ${server}", "polyplex init" and "polyplex start" make a ${NOUNS[other]} beside it.
${stringify({ servers: { run: server } })}`;
}

/** Throws `CliError` FILES for a file that is no YAML, `ConfigError` where the settings would be wrong. */
export function mergeSettings(path: string, folder: string, { server, piece }: { readonly server: ServerName; readonly piece: SettingsPiece }): MergedSettings {
  const document = parseDocument(existsSync(path) ? readText(path) : newFile(server));
  if (document.errors.length > 0) throw new CliError('FILES', `${path} is no YAML: ${document.errors[0]!.message}`);
  const present = (document.toJS() ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  const wanted = Object.entries(piece).flatMap(([section, settings]) => Object.entries(settings).map(([name, value]) => ({ section, name, value })));
  const missing = wanted.filter(({ section, name, value }) => !isDeepStrictEqual(present[section]?.[name], value));
  if (missing.length === 0) return { state: 'present' };
  if (wanted.some(({ section, name }) => present[section]?.[name] !== undefined)) return { state: 'differs', piece: pieceOf(missing) };
  for (const { section, name, value } of missing) {
    if (!isMap(document.get(section))) document.set(section, document.createNode({}));
    document.setIn([section, name], document.createNode(value));
  }
  const text = document.toString();
  loadConfig(polyplexConfig, { file: { path, text }, folder, environment: processEnvironment(), flags: [] });
  return { state: 'new', text };
}

function pieceOf(settings: readonly { readonly section: string; readonly name: string; readonly value: unknown }[]): SettingsPiece {
  const piece: Record<string, Record<string, unknown>> = {};
  for (const { section, name, value } of settings) (piece[section] ??= {})[name] = value;
  return piece;
}

export function pieceText(piece: SettingsPiece): string {
  return stringify(piece);
}
