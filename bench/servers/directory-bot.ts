/**
 * A directory bot as it is shipped, without page and admin port, on a store that was prepared. Arguments: its folder, and the address of its relay.
 * It tells what its parent asks: its address, its counts, how long its transactions were, and it makes links of groups.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSmpRelays } from '@polyplex/agent';
import { systemClock } from '@polyplex/base';
import { Chat, type ChatEvent } from '@polyplex/chat';
import { Directory, directoryProfile } from '@polyplex/directory';
import { parseAddress } from '@polyplex/protocol-common';
import { openRecordStore } from '@polyplex/store-embedded';
import { TimedStore } from '../../libs/chat/bench/timed-store.ts';
import type { BotAnswer, BotQuestion } from '../lib/directory-bot.ts';
import { freshCredentials, obey } from './obey.ts';

const [folder = '', relay = ''] = process.argv.slice(2);
const began = performance.now();
const store = new TimedStore(await openRecordStore({ path: join(folder, 'bot'), key: await readFile(join(folder, 'key')) }));
const directory = new Directory({ superUsers: [{ contactId: 1, name: 'asker' }] });
const links: ((link: string) => void)[] = [];
const chat = new Chat({
  store, servers: [parseAddress(relay)!], openRelays: (onMessage) => openSmpRelays({}, onMessage), profile: directoryProfile('Directory'),
  application: {
    onEvent(event: ChatEvent, step) {
      if (event.type === 'link-created') step.afterwards(() => links.shift()?.(event.link.fullLink));
      directory.onEvent(event, step);
    },
    admit: (request, step) => directory.admit(request, step),
  },
  onFailure: (error) => console.error(error),
});
await chat.change((step) => directory.load(step));
directory.attach((work) => chat.change(work), systemClock);
chat.start();
const { fullLink } = await chat.createAddress();
const startMs = performance.now() - began;

async function linkOf(groupId: number): Promise<string> {
  const made = new Promise<string>((resolve) => links.push(resolve));
  await chat.change((step) => step.createLink(groupId, 'member'));
  return made;
}

async function answer(question: BotQuestion): Promise<BotAnswer[BotQuestion['ask']]> {
  switch (question.ask) {
    case 'start': return { address: fullLink, startMs };
    case 'link': return linkOf(question.groupId);
    case 'sent': return chat.counts.sent.get(question.event);
    case 'steps': return store.take();
  }
}

obey({
  port: 0,
  chain: freshCredentials().credentials.chain,
  async stop() {
    chat.close();
    await store.close();
  },
  answer: (question) => answer(question as BotQuestion),
});
