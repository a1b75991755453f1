/** Damaged rows of the file store: DAMAGED for whoever asks for them, passed over by sweeps, and nothing is half done. */
import { Reader } from '@polyplex/codec';
import { MINUTE } from '@polyplex/base';
import type { FileStore, NewFile } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openEmbeddedFileStore, openEmbeddedStore } from '../src/index.ts';
import { damageRows } from './damage.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { anyBodyId, bytes, newFile, newRecipient } from './uploads.ts';

const DAMAGED = { name: 'StoreError', code: 'DAMAGED' };
const RECIPIENT = newRecipient();
const SIZE = 1000;
const USAGE_KEY = Uint8Array.of(1);

let folder: ReturnType<typeof temporaryFolder>;
let store: FileStore;
let clock: FakeClock;
const logged: unknown[] = [];
const log = { error: (_: string, facts: unknown) => void logged.push(facts), warn() {}, info() {}, debug() {} } as unknown as Logger;

const open = () => openEmbeddedFileStore({ path: folder.path, clock, log });
beforeEach(async () => {
  folder = temporaryFolder();
  clock = createFakeClock();
  logged.length = 0;
  store = await open();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
  folder.remove();
});

async function uploaded(): Promise<NewFile & { bodyId: string }> {
  const file = newFile({ size: SIZE });
  const bodyId = anyBodyId();
  await store.create(file, []);
  await store.beginUpload(file.senderId, bodyId, { quota: null, leaseMs: MINUTE });
  expect(await store.commitUpload(file.senderId, bodyId)).toBe('committed');
  return { ...file, bodyId };
}

async function reopenedAfter(damage: () => void): Promise<void> {
  await store.close();
  damage();
  store = await open();
}

describe('a damaged row', () => {
  test('of a file is DAMAGED for every step on it', async () => {
    const [lost, whole] = [await uploaded(), await uploaded()];
    await store.addRecipients(lost.senderId, [RECIPIENT]);
    await reopenedAfter(() => damageRows(folder.path, [lost.senderId]));
    for (const step of [
      () => store.find('sender', lost.senderId),
      () => store.find('recipient', RECIPIENT.recipientId),
      () => store.remove(lost.senderId),
      () => store.block(lost.senderId, { reason: 'spam', notice: null }),
      () => store.beginUpload(lost.senderId, anyBodyId(), { quota: null, leaseMs: MINUTE }),
      () => store.commitUpload(lost.senderId, lost.bodyId),
      () => store.putFile({ file: { ...newFile({ senderId: lost.senderId }), status: { state: 'active' }, bodyId: null }, recipients: [] }),
    ]) await expect(step()).rejects.toMatchObject(DAMAGED);
    expect((await store.find('sender', whole.senderId))?.file.bodyId).toBe(whole.bodyId);
    expect(await store.usage()).toEqual({ files: 2, uploaded: 2, bytes: 2 * SIZE });
    expect(await store.knows([lost.bodyId])).toEqual([true]);
  });

  test('of a body keeps its file as it is, since its bytes are not known', async () => {
    const lost = await uploaded();
    await store.addRecipients(lost.senderId, [RECIPIENT]);
    await reopenedAfter(() => damageRows(folder.path, [Buffer.from(lost.bodyId)]));
    await expect(store.remove(lost.senderId)).rejects.toMatchObject(DAMAGED);
    expect((await store.find('recipient', RECIPIENT.recipientId))?.file.bodyId).toBe(lost.bodyId);
    expect(await store.usage()).toEqual({ files: 1, uploaded: 1, bytes: SIZE });
  });

  test('is passed over by expiry and the sweep, which the log says once, without ids', async () => {
    const files = await Promise.all(Array.from({ length: 20 }, () => uploaded()));
    const left = await Promise.all(Array.from({ length: 5 }, async () => {
      const file = await uploaded();
      await store.block(file.senderId, { reason: 'spam', notice: null });
      return file;
    }));
    await reopenedAfter(() => damageRows(folder.path, [files[3]!.senderId, Buffer.from(files[7]!.bodyId), Buffer.from(left[1]!.bodyId)]));
    clock.advance(MINUTE);
    expect([...(await store.leftBodies(10))].sort()).toEqual(left.filter((_, i) => i !== 1).map(({ bodyId }) => bodyId).sort());
    for (let done = 0; done < 23; ) {
      const step = await store.expire(3601, 5);
      expect(step.files).toBe(Math.min(5, 23 - done));
      done += step.files;
    }
    expect(await store.expire(3601, 5)).toEqual({ files: 0, bodies: [] });
    expect(logged).toEqual([{ code: 'DAMAGED' }]);
  });

  test('of the usage is found when the store is opened', async () => {
    await uploaded();
    await store.close();
    damageRows(folder.path, [USAGE_KEY]);
    await expect(open()).rejects.toMatchObject(DAMAGED);
    await expect(open()).rejects.toMatchObject(DAMAGED); // and not IN_USE: the folder was given up
  });
});

test('a folder of queues is not one of files, nor the other way round', async () => {
  await expect(openEmbeddedFileStore({ path: folder.path })).rejects.toMatchObject({ code: 'IN_USE' });
  await store.close();
  await expect(openEmbeddedStore({ path: folder.path })).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringMatching(/another program/) as string });
  const other = temporaryFolder();
  await (await openEmbeddedStore({ path: other.path })).close();
  await expect(openEmbeddedFileStore({ path: other.path })).rejects.toMatchObject({ code: 'DAMAGED' });
  other.remove();
});

test('a closed store refuses', async () => {
  await store.close();
  const refused = { name: 'StoreError', code: 'UNAVAILABLE' };
  for (const step of [() => store.find('sender', bytes(24)), () => store.usage(), () => store.check(), () => store.create(newFile(), []), () => store.expire(1, 1)]) {
    await expect(step()).rejects.toMatchObject(refused);
  }
});

test('values that do not fit are refused with a StoreError and leave nothing', async () => {
  for (const wrong of [{ digest: bytes(256) }, { size: -1 }, { size: 2 ** 60 }, { createdAt: 1.5 }]) {
    const file = newFile(wrong);
    await expect(store.create(file, [RECIPIENT])).rejects.toMatchObject({ name: 'StoreError', code: 'FAILED' });
    expect(await store.find('sender', file.senderId)).toBeNull();
  }
  expect(await store.usage()).toEqual({ files: 0, uploaded: 0, bytes: 0 });
});

test.each(['sender', 'recipient'] as const)('a lookup by %s id that finds nothing reads as much as one that finds a file', async (party) => {
  const file = await uploaded();
  await store.addRecipients(file.senderId, [RECIPIENT]);
  async function reads(id: Uint8Array): Promise<number> {
    const spies = (['byte', 'word16', 'take', 'rest', 'expectEnd'] as const).map((name) => vi.spyOn(Reader.prototype, name));
    await store.find(party, id);
    const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    vi.restoreAllMocks();
    return count;
  }
  const found = await reads(party === 'sender' ? file.senderId : RECIPIENT.recipientId);
  expect(found).toBeGreaterThan(10);
  expect(await reads(bytes(24))).toBe(found);
});
