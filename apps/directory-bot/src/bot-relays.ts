/** The relays that the bot's queues are at, and the file servers of what it sends. */
import { ConfigError } from '@polyplex/config';
import { type AddressText, parseAddress } from '@polyplex/protocol-common';
import type { BotConfig } from './config/bot-config.ts';

/** `own`: the relay of the same configuration, with its password. At least one. Throws `ConfigError`. */
export function relaysOf({ bot: { relays } }: Pick<BotConfig, 'bot'>, own: string | null): readonly AddressText[] {
  const named = relays.length > 0 ? relays : [own ?? ''];
  const found = named.map(parseAddress).filter((address) => address !== null);
  if (found.length > 0) return found;
  throw new ConfigError([{ setting: 'bot.relays', message: 'must name a relay: this configuration has none of its own', source: null }]);
}

/** `own`: the file server of the same configuration, with its password. At least one. Throws `ConfigError`. */
export function fileServersOf({ bot: { fileServers } }: Pick<BotConfig, 'bot'>, own: string | null): readonly AddressText[] {
  const named = fileServers.length > 0 ? fileServers : [own ?? ''];
  const found = named.map(parseAddress).filter((address) => address !== null);
  if (found.length > 0) return found;
  throw new ConfigError([{ setting: 'bot.fileServers', message: 'must name a file server for voice captchas: this configuration has none of its own', source: null }]);
}
