/** Moving a store as an operator does: files, output, exit codes, and what happens when it is interrupted. */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueueStore, StoredQueue } from '@polyplex/store-contract';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { type Finished, launch, newFolder, polyplex, startReady } from './support.ts';

const bytes = (length: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(length));
const dataIn = (folder: string): string[] => ['--set', `storage.dataDir=${folder}/data`];

async function withStore<T>(folder: string, task: (store: QueueStore) => Promise<T>): Promise<T> {
  const store = await openEmbeddedStore({ path: join(folder, 'data', 'smp') });
  try {
    return await task(store);
  } finally {
    await store.close();
  }
}

function newQueue(bodies: readonly Uint8Array[]): StoredQueue {
  const messages = bodies.map((body) => ({ kind: 'message' as const, msgId: bytes(24), ts: 5, notify: false, body }));
  return {
    record: {
      recipientId: bytes(24), recipientKeys: [{ kind: 'ed25519', raw: bytes(32) }], dhSecret: bytes(32), senderId: bytes(24), senderKey: null,
      mode: 'M', linkId: null, notifier: null, status: { state: 'active' }, serviceId: null, usedDay: 86_400, revision: 2,
    },
    link: null, messages, notifications: [], lastId: messages.at(-1)?.msgId ?? new Uint8Array(0),
  };
}

/** A folder with a store of so many queues, each with so many messages of 16 KB. */
async function furnished(queues: number, messages: number): Promise<string> {
  const folder = newFolder();
  const bodies = Array.from({ length: messages }, () => bytes(16_000));
  await withStore(folder, async (store) => {
    for (let i = 0; i < queues; i += 100) await Promise.all(Array.from({ length: Math.min(100, queues - i) }, () => store.writeQueue(newQueue(bodies))));
  });
  return folder;
}

function everything(folder: string): Promise<unknown[]> {
  return withStore(folder, async (store) => {
    const found: unknown[] = [await store.counts()];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<QueueStore['readQueues']>> = await store.readQueues(cursor, 100);
      found.push(...page.queues);
      cursor = page.cursor;
    } while (cursor !== null);
    return found;
  });
}

const exported = (folder: string, ...more: string[]): Promise<Finished> => polyplex(folder, ['store', 'export', 'moved', ...dataIn(folder), ...more]);
const imported = (folder: string, file: string, ...more: string[]): Promise<Finished> => polyplex(folder, ['store', 'import', file, ...dataIn(folder), ...more]);

describe('store export, verify, import', () => {
  it('move everything, and say how much that is', async () => {
    const [from, to] = [await furnished(300, 2), newFolder()];
    expect(await exported(from)).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/Queues +300\n +Messages +600\n[^]*Next: /) });
    const file = join(from, 'moved');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.part`)).toBe(false);
    const { code, stdout } = await polyplex(newFolder(), ['store', 'verify', file]);
    expect([code, stdout]).toEqual([EXIT_CODES.ok, expect.stringMatching(/whole[^]*of the kind "embedded"[^]*Queues +300\n[^]*sha256:[0-9a-f]{64}\n/)]);
    expect(await imported(to, file)).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/Queues +300 written, 0 there already\n[^]*Next: "polyplex start"/) });
    expect(await everything(to)).toEqual(await everything(from));
    expect((await imported(to, file)).stdout).toMatch(/Queues +0 written, 300 there already/);
    expect(await everything(to)).toEqual(await everything(from));
  });

  it('work through a pipe', async () => {
    const [from, to] = [await furnished(100, 3), newFolder()];
    const source = launch(from, ['store', 'export', '-', ...dataIn(from)]);
    const target = launch(to, ['store', 'import', '-', ...dataIn(to)], {}, undefined, 'pipe');
    source.child.stdout!.pipe(target.child.stdin!);
    expect(await source.finished).toMatchObject({ code: EXIT_CODES.ok, stderr: expect.stringContaining('Exported') });
    expect(await target.finished).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringContaining('100 written') });
    expect(await everything(to)).toEqual(await everything(from));
  });

  it('help with examples', async () => {
    const helps = await Promise.all(['export', 'import', 'verify'].map((command) => polyplex(newFolder(), ['store', command, '--help'])));
    for (const { stdout } of helps) expect(stdout).toContain('Example');
  });
});

describe('store export', () => {
  it('refuses what is no store, and files in the way', async () => {
    const empty = newFolder();
    expect(await exported(empty)).toMatchObject({ code: EXIT_CODES.storage, stderr: expect.stringContaining('nothing to export') });
    expect(existsSync(join(empty, 'data'))).toBe(false);
    const folder = await furnished(1, 0);
    expect(await exported(folder, '--resume')).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('export without --resume') });
    writeFileSync(join(folder, 'moved.part'), 'anything');
    expect(await exported(folder)).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('go on with it by --resume, or remove it') });
    expect(await exported(folder, '--resume')).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('is not a file that') });
    writeFileSync(join(folder, 'moved'), 'anything');
    expect(await exported(folder)).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('exists already') });
    expect(readFileSync(join(folder, 'moved'), 'utf8')).toBe('anything');
    const [toPipe, toNothing, nowhere] = await Promise.all([
      polyplex(folder, ['store', 'export', '-', '--resume', ...dataIn(folder)]), polyplex(folder, ['store', 'export']),
      polyplex(folder, ['store', 'export', 'nowhere/moved', ...dataIn(folder)]),
    ]);
    expect([toPipe.code, toNothing.code]).toEqual([EXIT_CODES.usage, EXIT_CODES.usage]);
    expect(nowhere).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('ENOENT') });
  });

  it('goes on with what an earlier one left, and makes the file that it would have made', async () => {
    const folder = await furnished(50, 10);
    await exported(folder);
    const whole = readFileSync(join(folder, 'moved'));
    rmSync(join(folder, 'moved'));
    for (const left of [whole.subarray(0, 4_500_000), Buffer.concat([whole.subarray(0, 3_000_000), Buffer.alloc(100_000)]), whole]) {
      writeFileSync(join(folder, 'moved.part'), left);
      expect(await exported(folder, '--resume')).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/Queues +50\n/) });
      expect(readFileSync(join(folder, 'moved')).equals(whole)).toBe(true);
      rmSync(join(folder, 'moved'));
    }
  });

  it('does not go on when the data has changed since', async () => {
    const folder = await furnished(20, 10);
    await exported(folder);
    renameSync(join(folder, 'moved'), join(folder, 'moved.part'));
    await withStore(folder, (store) => store.writeQueue(newQueue([])));
    expect(await exported(folder, '--resume')).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('other data than there is now') });
  });

  it('ends in order on Ctrl-C, and says how to go on', async () => {
    const folder = await furnished(600, 10);
    let first: Finished;
    // It may be through before the signal comes: then again.
    do {
      rmSync(join(folder, 'moved'), { force: true });
      const running = launch(folder, ['store', 'export', 'moved', ...dataIn(folder)]);
      while (!existsSync(join(folder, 'moved.part'))) await new Promise((resolve) => setImmediate(resolve));
      running.child.kill('SIGINT');
      first = await running.finished;
    } while (first.code === EXIT_CODES.ok);
    expect(first).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringMatching(/interrupted: [\d,]+ queues are in moved\.part\. Do not start the relay; go on with: polyplex store export --resume moved\n/) });
    expect((await polyplex(folder, ['store', 'import', 'moved'])).stderr).toContain('go on with "polyplex store export --resume moved"');
    expect(await exported(folder, '--resume')).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/Queues +600\n/) });
    expect((await polyplex(folder, ['store', 'verify', 'moved'])).code).toBe(EXIT_CODES.ok);
  });

  it('ends on Ctrl-C also when nobody reads its output', async () => {
    const folder = await furnished(30, 10);
    const { child, finished } = launch(folder, ['store', 'export', '-', ...dataIn(folder)]);
    await new Promise((resolve) => child.stdout!.once('data', resolve));
    child.stdout!.pause();
    child.kill('SIGINT');
    setTimeout(() => child.stdout!.resume(), 1000);
    expect(await finished).toMatchObject({ code: EXIT_CODES.failed, stderr: expect.stringContaining('interrupted') });
  });
});

describe('store import', () => {
  it('of a file that is changed or cut is refused before anything is made', async () => {
    const [from, to] = [await furnished(100, 2), newFolder()];
    await exported(from);
    const file = readFileSync(join(from, 'moved'));
    const flipped = Buffer.from(file);
    flipped[2_000_000]! ^= 0x10;
    for (const [content, message] of [[flipped, /damaged between byte \d+ and byte \d+: .*copy it again/], [file.subarray(0, 2_000_000), /ends at byte 2000000 without its end mark.*copy it again/]] as const) {
      writeFileSync(join(to, 'broken'), content);
      const answers = await Promise.all([polyplex(to, ['store', 'verify', 'broken']), imported(to, 'broken')]);
      for (const answer of answers) expect(answer).toMatchObject({ code: EXIT_CODES.identity, stdout: '', stderr: expect.stringMatching(message) });
      expect(existsSync(join(to, 'data'))).toBe(false);
    }
    expect(await imported(to, 'missing')).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('missing does not exist') });
    expect((await imported(to, join(to))).stderr).toContain('is no file');
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('that was ended by %s is run again', async (signal) => {
    const [from, to] = [await furnished(300, 2), newFolder()];
    await exported(from);
    const file = readFileSync(join(from, 'moved'));
    const running = launch(to, ['store', 'import', '-', ...dataIn(to)], {}, undefined, 'pipe');
    running.child.stdin!.on('error', () => undefined);
    await new Promise((resolve) => running.child.stdin!.write(file.subarray(0, file.length / 2), resolve));
    running.child.kill(signal);
    const { code, stderr } = await running.finished;
    expect([code, stderr]).toEqual(signal === 'SIGKILL' ? [null, ''] : [EXIT_CODES.failed, expect.stringMatching(/interrupted: \d+ queues are in the store; run the same command again/)]);
    const { stdout } = await imported(to, join(from, 'moved'));
    const [, written, there] = /Queues +(\d+) written, (\d+) there already/.exec(stdout)!.map(Number) as [number, number, number];
    expect(written + there).toBe(300);
    if (signal === 'SIGINT') expect([there > 0, stderr]).toEqual([true, expect.stringContaining(`${there} queues are`)]);
    expect(await everything(to)).toEqual(await everything(from));
  });

  it('from a pipe that breaks says so, and is run again', async () => {
    const [from, to] = [await furnished(300, 2), newFolder()];
    await exported(from);
    const running = launch(to, ['store', 'import', '-', ...dataIn(to)], {}, undefined, 'pipe');
    running.child.stdin!.end(readFileSync(join(from, 'moved')).subarray(0, 5_000_000));
    expect(await running.finished).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('the standard input: the file ends at byte 5000000') });
    expect(await imported(to, join(from, 'moved'))).toMatchObject({ code: EXIT_CODES.ok });
    expect(await everything(to)).toEqual(await everything(from));
  });

  it('says what could not be imported because others have its ids', async () => {
    const [from, to] = [await furnished(10, 1), newFolder()];
    const [first] = await withStore(from, async (store) => (await store.readQueues(null, 1)).queues) as [StoredQueue];
    await withStore(to, (store) => store.writeQueue({ ...newQueue([]), record: { ...newQueue([]).record, senderId: first.record.senderId } }));
    await exported(from);
    expect(await imported(to, join(from, 'moved'))).toMatchObject({
      code: EXIT_CODES.failed, stdout: expect.stringContaining('9 written, 0 there already'), stderr: expect.stringContaining('1 queues and 0 services were NOT imported'),
    });
  });

  it('and export refuse the data of a running relay', async () => {
    const [from, to] = [await furnished(5, 1), newFolder()];
    await exported(from);
    const running = await startReady(to);
    for (const args of [['import', join(from, 'moved')], ['export', 'other']]) {
      expect(await polyplex(to, ['store', ...args])).toMatchObject({ code: EXIT_CODES.storage, stderr: expect.stringContaining('another process is using it (storage.dataDir): stop the relay first') });
    }
    running.child.kill('SIGTERM');
    await running.finished;
    expect(await polyplex(to, ['store', 'import', join(from, 'moved')])).toMatchObject({ code: EXIT_CODES.ok });
  });
});
