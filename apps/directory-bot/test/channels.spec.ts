/** A whole bot and a channel: registered by its owner's card, and its link read again by the bot's own clock (directory §3.8). */
import { withChannels, withClients } from '@polyplex/chat/test-support';
import { expect, it } from 'vitest';
import { withBots } from './support.ts';

const clients = withClients();
const channels = withChannels(clients);
const bots = withBots(clients);

it('registers a channel, and counts its subscribers when its link tells of more', async () => {
  const home = await bots.newHome('channels');
  const bot = await bots.start(home, ['botDirectory.superUsers=1:alice', 'botDirectory.linkCheckInterval=1s']);
  try {
    const alice = await bots.person('alice', bot);
    const bob = await bots.person('bob', bot);
    const owner = await channels.owner('News').create([channels.relay('relay')]);
    await bob.shares(owner, 2);
    const [, command] = await alice.hearsAll(2);
    expect(await alice.asks(command!)).toEqual(['Channel approved!']);
    owner.memberCount = 42;
    await owner.publish();
    await expect.poll(async () => (await alice.asks('news', 2))[1], { timeout: 20_000, interval: 500 }).toContain('_42 subscribers_');
  } finally {
    await bot.stop();
  }
});
