/** What the clock and an operator do to files (XFTP §5.4, §5.7), and bodies whose next step did not come. */
import { DAY, HOUR, MINUTE } from '@polyplex/base';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { XftpCommand } from '@polyplex/protocol-xftp';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFile, download, SMALL, type TestFile, until, upload, uploadedFile } from './support/file.ts';
import { startFileServer, type TestFileServer } from './support/file-server.ts';
import { RawClient, type Received, said } from './support/raw-client.ts';

let clock: FakeClock;
let server: TestFileServer;
let client: RawClient;
beforeEach(async () => {
  const now = Date.now();
  // In the middle of an hour: what is kept is its beginning.
  clock = createFakeClock(now - (now % HOUR) + 30 * MINUTE);
  server = await startFileServer({ clock, options: { fileTtlMs: 48 * HOUR, inactiveTtlMs: 0 } });
  client = await RawClient.connect(server);
});
afterEach(async () => {
  client.close();
  await server.stop();
});

/** Time passes, and what falls due on the way gets its turns. */
async function pass(ms: number): Promise<void> {
  for (const end = clock.now() + ms; clock.now() < end; ) {
    clock.advance(Math.min(HOUR, end - clock.now()));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function fileCount(): Promise<number> {
  return (await server.files.usage()).files;
}

describe('expiry', () => {
  it('removes files, uploaded or not, once they are older than their time and an hour', async () => {
    const uploaded = await uploadedFile(client);
    await createFile(client);
    await pass(48 * HOUR);
    await server.server.sweeps.expire();
    expect(await fileCount()).toBe(2);
    // The hour of the creation began 30 minutes before it.
    clock.advance(30 * MINUTE);
    await server.server.sweeps.expire();
    expect(await fileCount()).toBe(2);
    clock.advance(1000);
    await server.server.sweeps.expire();
    expect(await server.files.usage()).toEqual({ files: 0, uploaded: 0, bytes: 0 });
    expect(await server.bodies()).toEqual([]);
    expect(server.server.stats.filesExpired.value).toBe(2);
    expect(said((await download(client, uploaded.recipients[0]!)).reply)).toBe('ERR AUTH');
  });

  it('runs by itself', async () => {
    await uploadedFile(client);
    await pass(52 * HOUR);
    await until(async () => (await fileCount()) === 0);
    await until(async () => (await server.bodies()).length === 0);
  });

  it('takes more files than one step does', async () => {
    for (let i = 0; i < 205; i++) await createFile(client);
    await pass(52 * HOUR);
    await until(async () => (await fileCount()) === 0);
    expect(server.server.stats.filesExpired.value).toBe(205);
  });
});

describe('bodies that were left', () => {
  it('are removed, and counted to the quota no more', async () => {
    const file = await createFile(client);
    // A process that died in an upload: announced, half written, never committed.
    expect(await server.files.beginUpload(file.senderId, 'left-by-a-process-that-died-0000', { quota: null, leaseMs: 6 * MINUTE })).toBe('begun');
    await server.chunks.write('left-by-a-process-that-died-0000', { size: 3, pieces: pieces(Uint8Array.of(1, 2, 3)) }, new AbortController().signal);
    expect((await server.files.usage()).bytes).toBe(SMALL);
    await server.server.sweeps.removeLeftBodies();
    expect(await server.bodies()).toHaveLength(1);
    await pass(7 * MINUTE);
    await until(async () => {
      await server.server.sweeps.removeLeftBodies();
      return (await server.bodies()).length === 0;
    });
    expect((await server.files.usage()).bytes).toBe(0);
    expect(said((await upload(client, file)).reply)).toBe('OK');
    expect(server.server.stats.bodiesSwept.get('left')).toBe(1);
  });

  it('and bodies that no record knows, when they are old', async () => {
    const file = await uploadedFile(client);
    await server.chunks.write('nobody-knows-this-body-at-all-00', { size: 1, pieces: pieces(Uint8Array.of(1)) }, new AbortController().signal);
    await server.server.sweeps.removeStrays();
    expect(await server.bodies()).toHaveLength(2);
    await pass(DAY + HOUR);
    await until(async () => {
      await server.server.sweeps.removeStrays();
      return (await server.bodies()).length === 1;
    });
    expect(server.server.stats.bodiesSwept.get('stray')).toBe(1);
    expect((await download(client, file.recipients[0]!)).content).not.toBeNull();
  });
});

 
async function* pieces(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

describe('a blocked file', () => {
  const INFO = { reason: 'spam', notice: { ttl: 86_400 } } as const;
  const BLOCKED = 'ERR BLOCKED reason=spam,notice={"ttl":86400}';

  const commands = (): readonly (readonly ['sender' | 'recipient', XftpCommand])[] => [
    ['sender', { tag: 'FPUT' }],
    ['sender', { tag: 'FADD', recipientKeys: [generateKeyPair('ed25519').publicKey] }],
    ['sender', { tag: 'FDEL' }],
    ['recipient', { tag: 'FGET', dhKey: generateKeyPair('x25519').publicKey }],
    ['recipient', { tag: 'FACK' }],
  ];

  async function askAll(file: TestFile, version: number, rightKeys = true): Promise<string[]> {
    const asking = await RawClient.connect({ ...server, version });
    const said_: string[] = [];
    for (const [party, command] of commands()) {
      const [entityId, key] = party === 'sender' ? [file.senderId, file.senderKey] : [file.recipients[0]!.id, file.recipients[0]!.key];
      const { reply }: Received = await asking.send(command, { entityId, key: rightKeys ? key : generateKeyPair('ed25519').privateKey });
      said_.push(said(reply));
    }
    asking.close();
    return said_;
  }

  it('is answered BLOCKED to everybody, before the signature is looked at; AUTH below version 3', async () => {
    const file = await uploadedFile(client);
    expect(await server.server.control.block(file.recipients[0]!.id, INFO)).toBe(true);
    expect(await askAll(file, 3)).toEqual(new Array(5).fill(BLOCKED));
    expect(await askAll(file, 3, false)).toEqual(new Array(5).fill(BLOCKED));
    expect(await askAll(file, 2)).toEqual(new Array(5).fill('ERR AUTH'));
    expect(await askAll(file, 1)).toEqual(new Array(5).fill('ERR AUTH'));
  });

  it('loses its body, gives back its room, and stays until it expires', async () => {
    const file = await uploadedFile(client);
    await server.server.control.block(file.recipients[0]!.id, INFO);
    expect(await server.bodies()).toEqual([]);
    expect(await server.files.usage()).toEqual({ files: 1, uploaded: 0, bytes: 0 });
    const { filesBlocked, filesDeleted } = server.server.stats;
    expect([filesBlocked.value, filesDeleted.value]).toEqual([1, 0]);
    await pass(52 * HOUR);
    await until(async () => (await fileCount()) === 0);
    expect(await server.files.usage()).toMatchObject({ bytes: 0 });
  });

  it('may be blocked again, with another reason', async () => {
    const file = await createFile(client);
    await server.server.control.block(file.recipients[0]!.id, INFO);
    await server.server.control.block(file.recipients[0]!.id, { reason: 'content', notice: null });
    expect((await askAll(file, 3))[0]).toBe('ERR BLOCKED reason=content');
  });
});

describe('an operator', () => {
  it('removes a file by the id of a recipient', async () => {
    const file = await uploadedFile(client, { recipients: 2 });
    expect(await server.server.control.remove(file.recipients[1]!.id)).toBe(true);
    expect(await server.server.control.remove(file.recipients[1]!.id)).toBe(false);
    expect(said((await download(client, file.recipients[0]!)).reply)).toBe('ERR AUTH');
    expect(await server.bodies()).toEqual([]);
    expect(server.server.stats.filesDeleted.value).toBe(1);
  });

  it.each([randomBytes(16), new Uint8Array(0)])('finds nothing under ids that are none', async (id) => {
    expect(await server.server.control.remove(id)).toBe(false);
    expect(await server.server.control.block(id, { reason: 'spam', notice: null })).toBe(false);
  });

  it('finds nothing under the id of a sender', async () => {
    const file = await uploadedFile(client);
    expect(await server.server.control.remove(file.senderId)).toBe(false);
  });
});
