/** A super-user, an admin and two others, whose greetings are read. */
import type { DirectoryOptions } from '../../src/options.ts';
import { Bot } from './bot.ts';

export function begin(options: Partial<DirectoryOptions> = {}) {
  const bot = new Bot({ adminUsers: [{ contactId: 2, name: 'adam' }], ...options });
  const [alice, adam, bob, cath] = [bot.person('alice'), bot.person('adam'), bot.person('bob'), bot.person('cath')] as const;
  for (const person of [alice, adam, bob, cath]) person.heard();
  return { bot, alice, adam, bob, cath };
}

export const NOT_ALLOWED = 'You are not allowed to use this command.';
