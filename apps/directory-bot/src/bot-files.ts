/** All files that the configuration of the bot names, read and checked together: a start and `polyplex config check` ask the same. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { errorText } from '@polyplex/base';
import { ConfigError } from '@polyplex/config';
import { adminTokensOf, allOf, textOf } from '@polyplex/node';
import { z } from 'zod';
import { readBotKey } from './bot-key.ts';
import type { BotConfig } from './config/bot-config.ts';

export interface BotFiles {
  readonly key: Uint8Array;
  readonly adminTokens: ReturnType<typeof adminTokensOf>;
  /** A data URI; null for none. */
  readonly image: string | null;
  readonly blocked: BlockedNames;
}

/** What names of joiners must not have (directory §3.7). */
interface BlockedNames {
  readonly words: readonly string[];
  readonly fragments: readonly string[];
  readonly rules: readonly (readonly [string, readonly string[]])[];
  readonly spelling: readonly (readonly [string, readonly string[]])[];
}

/** Of a profile's picture as text. */
const MAX_IMAGE_CHARACTERS = 12_500;
const IMAGE_TYPES: Readonly<Record<string, string>> = { '.jpg': 'jpg', '.jpeg': 'jpg', '.png': 'png' };

/** Throws `ConfigError` with all that is wrong. */
export function readBotFiles(config: BotConfig): BotFiles {
  const { words, fragments, rules, spelling, ...files } = allOf({
    key: () => readBotKey(config),
    adminTokens: () => adminTokensOf('botAdmin', config.botAdmin),
    image: () => readImage(config.bot.imageFile),
    words: () => linesOf('botDirectory.blockedWordsFile', config.botDirectory.blockedWordsFile),
    fragments: () => linesOf('botDirectory.blockedFragmentsFile', config.botDirectory.blockedFragmentsFile),
    rules: () => pairsOf('botDirectory.blockedRulesFile', config.botDirectory.blockedRulesFile),
    spelling: () => pairsOf('botDirectory.spellingFile', config.botDirectory.spellingFile),
  });
  return { ...files, blocked: { words, fragments, rules, spelling } };
}

function readImage(path: string | null): string | null {
  if (path === null) return null;
  const setting = 'bot.imageFile';
  const type = IMAGE_TYPES[extname(path).toLowerCase()];
  if (type === undefined) throw problem(setting, `${path} must be a .jpg or .png`);
  const uri = `data:image/${type};base64,${bytesOf(setting, path).toString('base64')}`;
  if (uri.length > MAX_IMAGE_CHARACTERS) throw problem(setting, `${path} is too large: ${String(uri.length)} characters as text, ${String(MAX_IMAGE_CHARACTERS)} at most (some 9 KB)`);
  return uri;
}

function bytesOf(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw problem(setting, `${path} cannot be read: ${errorText(error)}`);
  }
}

function linesOf(setting: string, path: string | null): string[] {
  return (textOf(setting, path) ?? '').split('\n').map((line) => line.trim()).filter((line) => line !== '');
}

const pairs = z.array(z.tuple([z.string().min(1), z.array(z.string())]));

function pairsOf(setting: string, path: string | null): z.infer<typeof pairs> {
  const text = textOf(setting, path);
  if (text === null) return [];
  const parsed = pairs.safeParse(parsedJson(text));
  if (!parsed.success) throw problem(setting, `${path ?? ''} must be JSON such as [["a", ["@", "4"]]]`);
  return parsed.data;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problem(setting: string, message: string): ConfigError {
  return new ConfigError([{ setting, message, source: null }]);
}
