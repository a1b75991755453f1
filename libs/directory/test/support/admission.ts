/** A listed group, with captchas that are known beforehand. */
import type { DirectoryOptions } from '../../src/options.ts';
import { Bot } from './bot.ts';

const TEXTS = ['first7A', 'second8', 'third99', 'fourth2', 'fifth22', 'sixth22', 'seventh'];

export function begin(options: Partial<DirectoryOptions> = {}, filter?: string) {
  let number = 0;
  const bot = new Bot({ captchaText: () => TEXTS[number++ % TEXTS.length]!, blocked: { words: ['spammer'], fragments: ['badbad'] }, profileNameLimit: 12, ...options });
  const alice = bot.person('alice');
  const bob = bot.person('bob');
  const group = bob.registers('PSA');
  group.approvedBy(alice);
  if (filter !== undefined) bob.says(`/filter 1 ${filter}`);
  return { bot, alice, bob, group };
}
