/** Voice captchas of a whole bot, over a real relay and a real file server (directory §3.7): a script speaks, who joins asks for it, hears it, and is in. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withClients } from '@polyplex/chat/test-support';
import { loadConfig } from '@polyplex/config';
import { RealJoiner, RealPerson } from '@polyplex/directory/test-support';
import { type DataFolder, openFolder, type ServerNode, startFileServerNode } from '@polyplex/local-cluster';
import { parseAddress } from '@polyplex/protocol-common';
import { silentLogger } from '@polyplex/telemetry';
import { MemoryFileRoom } from '@polyplex/testing';
import { botConfig, type BotNode, createBotNode, newBotKey } from 'directory-bot';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { spokenBy } from '../src/captcha-programs.ts';

const clients = withClients();
let folder: DataFolder;
let server: ServerNode;
let scripts = 0;
beforeAll(async () => {
  folder = await openFolder(undefined, 'voice-captcha');
  server = await startFileServerNode({ folder: join(folder.path, 'server') });
});
afterAll(async () => {
  await server.stop();
  await folder.remove();
});

/** What it "speaks" is the text itself. Answers where the script is, in a folder of its own. */
async function script(lines: readonly string[]): Promise<string> {
  const home = join(folder.path, `script${String(scripts++)}`);
  await mkdir(home);
  const path = join(home, 'speak');
  await writeFile(path, ['#!/bin/sh', `cd ${home}`, ...lines, ''].join('\n'), { mode: 0o755 });
  return path;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const SPEAKS = ['printf %s "$1" > "spoken-$1.m4a"', 'echo "$PWD/spoken-$1.m4a"', 'echo 2'];

describe('a program', () => {
  test.each([
    ['that names no file', ['echo; echo 2'], 'FORMAT'],
    ['that names no time', ['echo x > a.m4a; echo "$PWD/a.m4a"'], 'FORMAT'],
    ['that names a folder', ['mkdir a; echo "$PWD/a"; echo 2'], 'ERR_FS_EISDIR'],
    ['that names what is not there', ['echo "$PWD/a"; echo 2'], 'ENOENT'],
    ['whose file is too large', ['head -c 5000000 /dev/zero > a.m4a; echo "$PWD/a.m4a"; echo 2'], 'FORMAT'],
    ['that fails', ['exit 1'], 1],
  ])('%s speaks nothing', async (_what, lines, code) => {
    await expect(spokenBy(await script(lines), 'abc', 10_000)).rejects.toMatchObject({ code });
  });

  test('that speaks: its file is read, and taken away', async () => {
    const program = await script(SPEAKS);
    const { name, bytes, duration } = await spokenBy(program, 'ab; c', 10_000);
    expect([name, textOf(bytes), duration]).toEqual(['spoken-ab; c.m4a', 'ab; c', 2]);
    expect(readdirSync(join(program, '..'))).toEqual(['speak']);
  });
});

describe('a bot', () => {
  let relay: string;
  beforeEach(() => {
    relay = clients.relays[0]!.address;
  });

  async function start(name: string, settings: readonly string[]): Promise<BotNode> {
    const home = join(folder.path, name);
    await mkdir(home);
    await writeFile(join(home, 'store.key'), newBotKey());
    const flags = [
      'botAdmin.port=0', 'botWeb.enabled=off', `storage.dataDir=${home}`, `bot.keyFile=${home}/store.key`, `bot.relays=${relay}`, 'shutdown.drainTimeout=0', 'botDirectory.superUsers=1:alice',
      'botDirectory.drawsCaptchas=off', ...settings,
    ];
    return createBotNode(loadConfig(botConfig, { folder: home, flags }).values, { log: silentLogger, version: '0', ownRelay: null, ownFileServer: null });
  }

  test('without a file server for what is spoken does not start', async () => {
    await expect(start('none', [`botDirectory.voiceCaptchaCommand=${await script(SPEAKS)}`])).rejects.toMatchObject({ problems: [expect.objectContaining({ setting: 'bot.fileServers' })] });
  });

  test('sends a captcha as a voice message, by which one is let in', async () => {
    const program = await script(SPEAKS);
    const bot = await start('bot', [`botDirectory.voiceCaptchaCommand=${program}`, `bot.fileServers=${server.address}`]);
    try {
      const person = async (name: string): Promise<RealPerson> => {
        const client = clients.client(name);
        await client.chat.connect(bot.address);
        const { contact } = await client.expect('contact-ready');
        const made = new RealPerson(client, contact.contactId);
        expect(await made.hears()).toContain('Welcome');
        return made;
      };
      const alice = await person('alice');
      const group = await (await person('bob')).lists(alice, { displayName: 'PSA' });
      const room = new MemoryFileRoom();
      const dan = clients.client('dan', {
        files: { room, servers: [parseAddress(server.address)!] },
        onEvent: (event, step) => {
          if (event.type === 'group-message' && event.message.file !== undefined) step.receiveFile(event.message.file.fileId, { folder: '/inbox' });
        },
      });
      const joiner = await RealJoiner.at(dan, group.link);
      const [notice, captcha] = await joiner.readsAll(2);
      expect(notice).toContain('/audio');
      expect(await joiner.answers('/audio', 1)).toEqual([expect.stringContaining('voice message')]);
      const { message: { container, file }, support } = await dan.expect('group-message');
      expect([container.content, file?.size, support]).toEqual([{ type: 'voice', text: '', duration: 2 }, 7, 'own']);
      const heard = textOf(room.files.get((await dan.expect('file-received')).path)!);
      expect([heard, existsSync(join(program, '..', `spoken-${heard}.m4a`))]).toEqual([captcha, false]);
      await joiner.answers(heard, 1);
      await dan.expect('group-accepted');
    } finally {
      await bot.stop();
    }
  });
});
