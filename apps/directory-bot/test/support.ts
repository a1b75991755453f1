/** Whole bots in this process, at a real relay, and people who use them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WithClients } from '@polyplex/chat/test-support';
import { loadConfig } from '@polyplex/config';
import { RealPerson } from '@polyplex/directory/test-support';
import { type DataFolder, openFolder } from '@polyplex/local-cluster';
import { nodeLog } from '@polyplex/node';
import { botConfig, type BotNode, createBotNode, newBotKey } from 'directory-bot';
import { afterAll, beforeAll } from 'vitest';

export interface Bots {
  /** With a key, and nothing else. */
  newHome(name: string): Promise<string>;
  /** From what is kept in `home`. */
  start(home: string, settings?: readonly string[]): Promise<BotNode>;
  /** Connects to the bot; the welcome is heard. */
  person(name: string, bot: BotNode): Promise<RealPerson>;
}

/** Called once, at the top of a spec. */
export function withBots(clients: WithClients): Bots {
  let folder: DataFolder;
  beforeAll(async () => {
    folder = await openFolder(undefined, 'directory-bot');
  });
  afterAll(() => folder.remove());
  return {
    async newHome(name) {
      const home = join(folder.path, name);
      await mkdir(home);
      await writeFile(join(home, 'store.key'), newBotKey());
      return home;
    },
    start(home, settings = []) {
      const flags = [
        'botAdmin.port=0', 'botAdmin.nodeName=here', 'botWeb.enabled=off', `storage.dataDir=${home}`, `bot.keyFile=${home}/store.key`, `bot.relays=${clients.relays[0]!.address}`,
        'shutdown.drainTimeout=0', 'botDirectory.drawsCaptchas=off', ...settings,
      ];
      const log = nodeLog({ level: 'info', format: 'json' }, () => undefined);
      return createBotNode(loadConfig(botConfig, { folder: home, flags }).values, { log, logControl: log.control, version: '1.2.3', ownRelay: null, ownFileServer: null });
    },
    async person(name, { address }) {
      const client = clients.client(name);
      await client.chat.connect(address);
      const { contact } = await client.expect('contact-ready');
      const person = new RealPerson(client, contact.contactId);
      await person.hears();
      return person;
    },
  };
}
