/** The key under which the bot's data are sealed. */
import { readFileSync } from 'node:fs';
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { ConfigError } from '@polyplex/config';
import { randomBytes } from '@polyplex/crypto';
import type { BotConfig } from './config/bot-config.ts';

const KEY_BYTES = 32;

/** Content of a new key file. */
export function newBotKey(): string {
  return `${toBase64Url(randomBytes(KEY_BYTES))}\n`;
}

/** Throws `ConfigError` for a file that is missing or holds no key. */
export function readBotKey({ bot: { keyFile } }: Pick<BotConfig, 'bot'>): Uint8Array {
  const key = fromBase64Url(readKeyFile(keyFile).trim());
  if (key?.length !== KEY_BYTES) throw problem(`${keyFile} holds no key of ${String(KEY_BYTES)} bytes in base64url: bring the file of "polyplex bot init" back`);
  return key;
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw problem(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}): "polyplex bot init" makes it`);
  }
}

function problem(message: string): ConfigError {
  return new ConfigError([{ setting: 'bot.keyFile', message, source: null }]);
}
