/** The directory as the configuration wants it. */
import type { CaptchaGenerators, DirectoryOptions, KnownContact, MemberPlace } from '@polyplex/directory';
import type { Logger } from '@polyplex/telemetry';
import type { BotFiles } from './bot-files.ts';
import { outputOf, type SpokenCaptcha, spokenBy } from './captcha-programs.ts';
import type { BotConfig } from './config/bot-config.ts';
import { readNamedContact } from './config/bot-sections.ts';

/** Entries were checked when the configuration was read. */
function known(entries: readonly string[]): KnownContact[] {
  return entries.map(readNamedContact).filter((contact) => contact !== null);
}

interface OptionsDeps {
  readonly log: Logger;
  /** Into the member's support chat. */
  readonly sendVoice: (member: MemberPlace, spoken: SpokenCaptcha) => Promise<void>;
}

function generatorsOf({ botDirectory: { imageCaptchaCommand: draws, voiceCaptchaCommand: speaks, captchaTimeout } }: BotConfig, { sendVoice }: OptionsDeps): CaptchaGenerators {
  return {
    ...(draws !== null && { image: async (text) => (await outputOf(draws, text, captchaTimeout)).join('\n') }),
    ...(speaks !== null && { voice: async (text, member) => sendVoice(member, await spokenBy(speaks, text, captchaTimeout)) }),
  };
}

export function directoryOptions(config: BotConfig, { blocked }: Pick<BotFiles, 'blocked'>, deps: OptionsDeps): DirectoryOptions {
  const { superUsers, adminUsers, ownersGroup, pageSize, profileNameLimit, alwaysCaptcha, knocking, prohibitedToObserver, drawsCaptchas, rulesLink, linkCheckInterval } = config.botDirectory;
  const [group] = ownersGroup === null ? [] : known([ownersGroup]);
  return {
    superUsers: known(superUsers), adminUsers: known(adminUsers),
    ownersGroup: group === undefined ? null : { groupId: group.contactId, name: group.name },
    serviceName: config.bot.displayName,
    ...(profileNameLimit === 0 ? {} : { profileNameLimit }),
    blocked: {
      words: blocked.words, fragments: blocked.fragments,
      rules: blocked.rules.map(([pattern, replacements]) => ({ pattern, replacements })),
      spelling: blocked.spelling.map(([character, meant]) => ({ character, meant })),
    },
    alwaysCaptcha, knocking, prohibitedToObserver, pageSize, drawsCaptchas, rulesLink,
    linkCheckMs: linkCheckInterval,
    maxRegistrations: config.botLimits.registrationsPerContact,
    generators: generatorsOf(config, deps),
    log: deps.log,
  };
}
