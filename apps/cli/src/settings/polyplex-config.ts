/** The whole configuration: the sections of all servers in one file, and what must hold between those that are on. */
import { type ConfigOf, configSchema, type Problem } from '@polyplex/config';
import { problemsOf } from '@polyplex/node';
import { type BotConfig, botRules, botSections } from 'directory-bot';
import { type NtfConfig, ntfRules, ntfSections } from 'ntf-server';
import { type SmpConfig, smpRules, smpSections } from 'smp-server';
import { type XftpConfig, xftpRules, xftpSections } from 'xftp-server';
import { portConflicts } from './port-conflicts.ts';
import { runsBot, servers, serversOf, type WhichServers } from './servers.ts';

/** Settings of a server that is off may be anything that each by itself may be. */
function rules(config: SmpConfig & XftpConfig & NtfConfig & BotConfig & WhichServers): Problem[] {
  const on = serversOf(config);
  const found = [
    ...(on.includes('smp') ? problemsOf(smpRules, config) : []),
    ...(on.includes('xftp') ? problemsOf(xftpRules, config) : []),
    ...(on.includes('ntf') ? problemsOf(ntfRules, config) : []),
    ...(runsBot(config) ? problemsOf(botRules, config) : []),
    ...portConflicts(config, [...on, ...(runsBot(config) ? (['bot'] as const) : [])]),
  ];
  // What both share is said once.
  return [...new Map(found.map((problem) => [`${problem.setting} ${problem.message}`, problem])).values()];
}

export const polyplexConfig = configSchema({ title: 'Configuration', sections: { servers, ...smpSections, ...xftpSections, ...ntfSections, ...botSections }, rules });

export type PolyplexConfig = ConfigOf<typeof polyplexConfig>;
