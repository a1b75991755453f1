/** Taking over a relay of the reference, as an operator does: output, files, exit codes, interruption. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis } from '@polyplex/local-cluster';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { oldQueue, vectorRelay, writeOldRelay } from './old-relay.ts';
import { contentOf, type Finished, launch, newFolder, polyplex } from './support.ts';

const imported = (folder: string, args: readonly string[]): Promise<Finished> => polyplex(folder, ['import', 'simplex', ...args]);
/** The vectors grow older than any usual time to live. */
const FOR_EVER = ['--set', 'messages.expireAfter=3650d', '--set', 'notifications.expireAfter=30d'];

async function countsIn(folder: string) {
  const store = await openEmbeddedStore({ path: join(folder, 'data', 'smp') });
  try {
    const { queues, messages } = await store.counts();
    return { queues, messages };
  } finally {
    await store.close();
  }
}

/** Each test starts several processes. */
const LONG = { timeout: 120_000 };

describe('import simplex', LONG, () => {
  it.each(['smp-server-memory', 'smp-server-journal'] as const)('takes over what the reference left in %s, and says how much that is', async (name) => {
    const folder = newFolder();
    const relay = vectorRelay(folder, name);
    const before = contentOf(relay.data);
    expect(await imported(folder, [...relay.args, ...FOR_EVER, '--check'])).toMatchObject({
      code: EXIT_CODES.ok, stderr: '',
      stdout: expect.stringMatching(/would be written to[^]*would be in[^]*nothing was changed[^]*Log +91 lines\n +Queues +50 can be imported, 6 with a notifier, 4 with link data\n +Messages +393 \(55\.9 kB\)\n +Notifications +20\n +Services +1\n/),
    });
    expect([existsSync(join(folder, 'data')), existsSync(join(folder, 'config'))]).toEqual([false, false]);
    expect(await imported(folder, [...relay.args, ...FOR_EVER, '--verify'])).toMatchObject({
      code: EXIT_CODES.ok, stderr: '',
      stdout: expect.stringMatching(/Queues +50 written, 0 there already\n +Messages +393 written\n +Notifications +20 written\n +Services +1 written, 0 there already[^]*Verified: 50 queues with 393 messages and 20 notifications, and 1 services[^]*Next: "polyplex start"/),
    });
    expect(await countsIn(folder)).toEqual({ queues: 50, messages: 393 });
    expect(await imported(folder, [...relay.args, ...FOR_EVER, '--verify'])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/Queues +0 written, 50 there already[^]*Verified: 50 queues/) });
    expect(contentOf(relay.data)).toEqual(before);
  });

  it('takes over the statistics, without what is hashed of ids, where the relay has none', async () => {
    const folder = newFolder();
    const relay = vectorRelay(folder, 'smp-server-memory');
    await imported(folder, [...relay.args, ...FOR_EVER]);
    const state = join(folder, 'data', 'statistics', 'smp-statistics.txt');
    const text = readFileSync(state, 'utf8');
    expect(text).toMatch(/^fromTime=2026-11-24T02:44:11\.421415943Z\nqCreated=52\n[^]*\nmsgSent=499\n[^]*\npMsgFwdsRecv=0\nrcvServices:\nassocNew=0\n/);
    expect(text).not.toContain('Hashes');
    writeFileSync(state, 'qCreated=7\n');
    expect(await imported(folder, [...relay.args, ...FOR_EVER])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringContaining('is there already, and stays as it is') });
    expect(readFileSync(state, 'utf8')).toBe('qCreated=7\n');
  });

  it('brings queues into Redis', async () => {
    const folder = newFolder();
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const relay = vectorRelay(folder, 'smp-server-memory');
    const args = [...relay.args, ...FOR_EVER, '--set', 'storage.engine=redis', '--set', `redis.urls=redis://127.0.0.1:${redis.port}`, '--verify'];
    expect(await imported(folder, args)).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/into redis:\/\/[^]*Queues +50 written[^]*Verified: 50 queues with 393 messages/) });
    expect(await imported(folder, args)).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/Queues +0 written, 50 there already/) });
  });

  it('passes over messages that have expired, by the time to live that is set', async () => {
    const folder = newFolder();
    const relay = writeOldRelay(folder, [oldQueue(3), oldQueue(1)]);
    const path = join(relay.data, 'smp-server-messages.log');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/ \d{9,} flags/, ' 1700000000 flags'));
    expect(await imported(folder, [...relay.args, '--verify'])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/Messages +3 written[^]*Expired +1 messages and 0 notifications; passed over/) });
  });

  it('tells lines that are wrong by their number and never by an id, imports the rest, and fails unless it is told not to', async () => {
    const folder = newFolder();
    const [first, second, gone] = [oldQueue(2), oldQueue(2), oldQueue(1)];
    const relay = writeOldRelay(folder, [first, second], { log: ['nonsense', `SUSPEND ${gone.recipientId}`, first.lines[0]!], messages: [...gone.messages, `v3 ${first.recipientId} AAAA x quota`] });
    appendFileSync(join(relay.data, 'smp-server-messages.log'), first.messages[0]!.slice(0, -10));
    const badly = { code: EXIT_CODES.failed, stderr: expect.stringMatching(/store\.log: line 7 begins with no word of this log\n.*line 8 names a queue that is not there\n.*line 9 makes what is there already\n.*messages\.log: line 5 is for a queue that is not in the log\n.*line 7 is the last one and does not end.*\n.*line 6 has a time.*2 wrong lines of the log and 2 messages or notifications/s) };
    expect(await imported(folder, [...relay.args, '--check'])).toMatchObject(badly);
    const done = await imported(folder, relay.args);
    expect(done).toMatchObject({ ...badly, stdout: expect.stringMatching(/Log +9 lines, 3 of them wrong\n +Queues +2 written[^]*Messages +4 written[^]*Wrong +3 lines of messages, 0 of notifications; passed over/) });
    for (const { recipientId } of [first, second, gone]) expect(done.stdout + done.stderr).not.toContain(recipientId.replaceAll('=', ''));
    expect(await imported(folder, [...relay.args, '--skip-bad', '--verify'])).toMatchObject({ code: EXIT_CODES.ok, stdout: expect.stringMatching(/0 written, 2 there already[^]*Verified: 2 queues with 4 messages/) });
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('that was ended by %s is run again', async (signal) => {
    const folder = newFolder();
    const relay = writeOldRelay(folder, Array.from({ length: 8000 }, () => oldQueue(4, 900)));
    let first: Finished;
    do {
      rmSync(join(folder, 'data'), { recursive: true, force: true });
      const running = launch(folder, ['import', 'simplex', ...relay.args]);
      while (!existsSync(join(folder, 'data', 'smp', 'data.mdb'))) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setTimeout(resolve, 100));
      running.child.kill(signal);
      first = await running.finished;
    } while (first.code === EXIT_CODES.ok); // it may be through before the signal comes
    expect([first.code, first.stderr]).toEqual(signal === 'SIGKILL' ? [null, ''] : [EXIT_CODES.failed, expect.stringMatching(/interrupted: [\d,]+ queues are in the store; run the same command again/)]);
    const { code, stdout } = await imported(folder, [...relay.args, '--verify']);
    const [, written, there] = /Queues +([\d,]+) written, ([\d,]+) there already/.exec(stdout)!.map((part) => Number(part.replaceAll(',', ''))) as [number, number, number];
    expect([code, written + there]).toEqual([EXIT_CODES.ok, 8000]);
    expect(await countsIn(folder)).toEqual({ queues: 8000, messages: 32_000 });
  });

  it('refuses a store in use, and another identity', async () => {
    const folder = newFolder();
    const relay = vectorRelay(folder, 'smp-server-memory');
    await imported(folder, [...relay.args, ...FOR_EVER]);
    const store = await openEmbeddedStore({ path: join(folder, 'data', 'smp') });
    expect(await imported(folder, [...relay.args, ...FOR_EVER])).toMatchObject({ code: EXIT_CODES.storage, stderr: expect.stringContaining('stop the relay first') });
    await store.close();
    const other = newFolder();
    await polyplex(other, ['init', '--host', 'relay.example.org', '--only', 'smp']);
    const before = contentOf(join(other, 'config'));
    expect(await imported(other, ['--identity', relay.config])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining('holds another identity') });
    expect(contentOf(join(other, 'config'))).toEqual(before);
  });

  it('refuses files that the old relay still writes to', async () => {
    const folder = newFolder();
    const relay = writeOldRelay(folder, [oldQueue()], { log: Array.from({ length: 50_000 }, () => 'TIME AAAA 1700000000') });
    const running = launch(folder, ['import', 'simplex', ...relay.args]);
    let at = 1;
    const touching = setInterval(() => utimesSync(relay.log, at, at++), 1);
    const { code, stderr } = await running.finished;
    clearInterval(touching);
    expect([code, stderr]).toEqual([EXIT_CODES.failed, expect.stringContaining('stop the old server first')]);
  });

  it('refuses before anything is written, and asks for something to do', async () => {
    const folder = newFolder();
    const { args, data } = vectorRelay(folder, 'smp-server-memory');
    const log = join(data, 'smp-server-store.log');
    rmSync(log);
    expect(await imported(folder, args)).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringContaining(`${log} is not there`) });
    expect([existsSync(join(folder, 'data')), existsSync(join(folder, 'config'))]).toEqual([false, false]);
    expect(await Promise.all([[], ['--messages', log]].map((each) => imported(folder, each)))).toMatchObject([{ code: EXIT_CODES.usage }, { code: EXIT_CODES.usage }]);
  });

  it('tells a journal that lacks something by the line of its queue', async () => {
    const folder = newFolder();
    const { args, data, queues } = vectorRelay(folder, 'smp-server-journal');
    const name = Buffer.from(queues.find((queue) => queue.name === 'plain-7')!.recipientId, 'hex').toString('base64url');
    const state = join(data, 'messages', name.slice(0, 2), name.slice(2, 4), name.slice(4, 6), name.slice(6, 8), name.slice(8), `queue_state.${name}.log`);
    writeFileSync(state, 'nonsense\n');
    const { code, stderr, stdout } = await imported(folder, [...args, '--check', ...FOR_EVER]);
    expect([code, stderr]).toEqual([EXIT_CODES.failed, expect.stringMatching(/messages: the queue of line 9 of .*store\.log has a journal whose state cannot be read\n.*1 messages or notifications cannot be imported/s)]);
    expect(stdout + stderr).not.toContain(name);
    rmSync(state);
    mkdirSync(state);
    expect(await imported(folder, [...args, '--check', ...FOR_EVER])).toMatchObject({ code: EXIT_CODES.identity, stderr: expect.stringMatching(/a file in .*messages cannot be read \(EISDIR\)/) });
  });
});
