/** The bot of the README, as it stands there, over a real relay. */
import { readFileSync } from 'node:fs';
import { formatLink, parseLink } from '@polyplex/protocol-agent';
import { parseAddress } from '@polyplex/protocol-common';
import { utf8 } from '@polyplex/base';
import { MemoryRecordStore } from '@polyplex/testing';
import { expect, test } from 'vitest';
import { echoBot } from './support/echo-bot.ts';
import { withRelays } from './support/with-relays.ts';

const { relays, agent } = withRelays();

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README has the bot that is tested here, in twenty lines or so', () => {
  const program = textOf('support/echo-bot.ts').split('\n').slice(1).join('\n');
  expect(textOf('../README.md')).toContain(`\`\`\`ts\n${program}\`\`\``);
  expect(program.split('\n').length).toBeLessThan(25);
});

test('answers everybody everything, once, also after a restart', async () => {
  const store = new MemoryRecordStore();
  const servers = [parseAddress(relays[0]!.address)!];
  let bot = echoBot(store, servers);
  try {
    const link = formatLink((await bot.createAddress()).request);
    const visitors = await Promise.all(['ann', 'ben'].map(async (name) => {
      const visitor = agent();
      const connectionId = await visitor.agent.join(parseLink(link)!, { info: utf8(name) });
      const { offerId, info } = await visitor.next('confirmation');
      expect(info).toEqual(utf8('an echo'));
      await visitor.agent.allow(offerId, utf8(name));
      await visitor.next('connected');
      return { visitor, connectionId, name };
    }));
    for (const restarts of [false, true]) {
      if (restarts) {
        bot.close();
        await Promise.all(visitors.map(({ visitor, connectionId, name }) => visitor.say(connectionId, `${name} said while it was away`)));
        bot = echoBot(store, servers);
        for (const { visitor, name } of visitors) expect(await visitor.read()).toEqual({ text: `${name} said while it was away`, verdict: 'ok' });
      }
      for (const { visitor, connectionId, name } of visitors) {
        for (const word of ['one', 'two']) await visitor.say(connectionId, `${name} ${word}`);
        for (const word of ['one', 'two']) expect(await visitor.read()).toEqual({ text: `${name} ${word}`, verdict: 'ok' });
      }
    }
    expect(visitors.flatMap(({ visitor }) => visitor.events.filter(({ type }) => type !== 'sent'))).toEqual([]);
  } finally {
    bot.close();
  }
});
