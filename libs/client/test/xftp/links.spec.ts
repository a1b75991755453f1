/** Links to files, redirects among them, and the end of files (XFTP §1.5, §1.7, §8.4). */
import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '@polyplex/base';
import { type FileDescription, fileLink, formatDescription, parseFileLink } from '@polyplex/protocol-xftp';
import { deleteFile, fileInfo, linkableDescription, MAX_LINK_LENGTH, receiveFile, sendFile } from '../../src/index.ts';
import { contentOf, expectSame, QUICK, receiving, sending, TestOutput } from './file-stage.ts';
import { newCredentials, ScriptedFileServer } from './scripted-file-server.ts';

const servers: ScriptedFileServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const credentials = newCredentials();

async function newServer(): Promise<ScriptedFileServer> {
  const server = await ScriptedFileServer.start({}, credentials);
  servers.push(server);
  return server;
}

async function received(description: FileDescription): Promise<Uint8Array> {
  const output = new TestOutput();
  await receiveFile(receiving({ description, output }));
  return output.content;
}

describe('links', () => {
  it('lead to the description itself while they are short', async () => {
    const server = await newServer();
    const { recipients } = await sendFile(sending(contentOf(10), { servers: [server.address] }));
    expect(await linkableDescription(recipients[0]!, { ...QUICK, servers: [server.address] })).toBe(recipients[0]);
  });

  it('lead to a description that was uploaded when they would be long', async () => {
    const server = await newServer();
    const content = contentOf(2_700_000);
    const { recipients } = await sendFile(sending(content, { servers: [server.address] }));
    expect(fileLink(recipients[0]!).length).toBeGreaterThan(MAX_LINK_LENGTH);
    const redirect = await linkableDescription(recipients[0]!, { ...QUICK, servers: [server.address] });
    const link = fileLink(redirect);
    expect(link.length).toBeLessThanOrEqual(MAX_LINK_LENGTH);
    expect([redirect.chunks.length, redirect.redirect!.size]).toEqual([1, recipients[0]!.size]);
    const fromLink = parseFileLink(link)!.description;
    expect(fileInfo(fromLink)).toMatchObject({ isRedirect: true, size: recipients[0]!.size });
    const before = server.count('FACK');
    expectSame(await received(fromLink), content);
    expect(server.count('FACK') - before).toBe(recipients[0]!.chunks.length + 1);
  });

  async function redirectTo(text: string, redirect: FileDescription['redirect']): Promise<FileDescription> {
    const server = await newServer();
    const { recipients } = await sendFile(sending(utf8(text), { servers: [server.address] }));
    return { ...recipients[0]!, redirect };
  }

  it('are refused when what they lead to is no description, another one, or leads on', async () => {
    const server = await newServer();
    const { recipients: [inner], sender } = await sendFile(sending(contentOf(10), { servers: [server.address] }));
    const of = { size: inner!.size, digest: inner!.digest };
    const cases = [
      await redirectTo('not: a description', of),
      await redirectTo(formatDescription(inner!), { ...of, size: of.size + 1 }),
      await redirectTo(formatDescription(inner!), { ...of, digest: of.digest.with(0, of.digest[0]! ^ 1) }),
      await redirectTo(formatDescription({ ...inner!, redirect: of }), of),
      await redirectTo(formatDescription(sender), of),
    ];
    for (const description of cases) await expect(received(description)).rejects.toMatchObject({ code: 'REDIRECT' });
    const large = { ...inner!, size: 5 * 1024 * 1024, redirect: of };
    await expect(received(large)).rejects.toMatchObject({ code: 'REDIRECT' });
  });
});

describe('deleting', () => {
  it('takes all chunks off their servers, and may be repeated', async () => {
    const both = [await newServer(), await newServer()];
    let turn = 0;
    const { sender, recipients } = await sendFile(sending(contentOf(1_200_000), { servers: both.map(({ address }) => address), random: () => (turn++ % 2) / 2 }));
    expect(await deleteFile({ ...QUICK, description: sender })).toEqual({ done: sender.chunks.length, unknown: 0, failures: [] });
    expect(both.map(({ chunks }) => chunks.size)).toEqual([0, 0]);
    expect(await deleteFile({ ...QUICK, description: sender })).toMatchObject({ done: 0, unknown: sender.chunks.length });
    await expect(deleteFile({ ...QUICK, description: recipients[0]! })).rejects.toMatchObject({ code: 'PARTY' });
  });

  it('goes on where one server is down', async () => {
    const both = [await newServer(), await newServer()];
    let turn = 0;
    const { sender } = await sendFile(sending(contentOf(1_200_000), { servers: both.map(({ address }) => address), random: () => (turn++ % 2) / 2 }));
    await both[0]!.stop();
    const outcome = await deleteFile({ ...QUICK, description: sender });
    expect([outcome.done, outcome.failures.length]).toEqual([1, 1]);
    expect(outcome.failures[0]!.error).toMatchObject({ code: 'NETWORK' });
    expect(both[1]!.chunks.size).toBe(0);
  });
});
