/** The configuration of the directory bot: its own sections, those that it shares with servers of the same configuration, and what must hold between settings. */
import { configSchema, type ValuesOf } from '@polyplex/config';
import { isLoopback, log, problemsOf, type Rule, shutdown, storage } from '@polyplex/node';
import { bot, botAdmin, botDirectory, botLimits, botWeb } from './bot-sections.ts';

/** In the order of the reference. */
export const botSections = { storage, bot, botDirectory, botLimits, botWeb, botAdmin, log, shutdown };

export type BotConfig = ValuesOf<typeof botSections>;

export const botRules: readonly Rule<BotConfig>[] = [
  {
    broken: ({ botAdmin: { host, tokenFile } }) => !isLoopback(host) && tokenFile === null,
    setting: 'botAdmin.tokenFile', message: 'is required because botAdmin.host is not a loopback address',
  },
  {
    broken: ({ botAdmin: { tokenFile, readerTokenFile } }) => readerTokenFile !== null && tokenFile === null,
    setting: 'botAdmin.readerTokenFile', message: 'needs botAdmin.tokenFile: without it, everybody on this machine may do everything',
  },
  {
    broken: ({ botWeb, botAdmin }) => botWeb.enabled && botWeb.port !== 0 && botWeb.port === botAdmin.port,
    setting: 'botWeb.port', message: 'must differ from botAdmin.port',
  },
];

/** A bot alone. */
export const botConfig = configSchema({ title: 'Configuration of the directory bot', sections: botSections, rules: (config) => problemsOf(botRules, config) });
