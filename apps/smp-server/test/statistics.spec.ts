/** Statistics of a relay: the reference's columns and lines, over days and restarts (SMP §9.4, §9.6). */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createQueue, sendMessage, type SmpClient } from '@polyplex/client';
import { openDailyStatistics } from '@polyplex/node';
import { SmpStats } from '@polyplex/server-smp';
import { silentLogger } from '@polyplex/telemetry';
import { createFakeClock } from '@polyplex/testing';
import { describe, expect, it } from 'vitest';
import { countedSteps } from '../src/statistics/counted-steps.ts';
import { smpStatistics } from '../src/statistics/smp-statistics.ts';
import { connect, relayFolder, startNode } from './support.ts';

/** From a run of the reference: see shared/vectors, smp-server-memory. */
const REFERENCE = readFileSync(new URL('vectors/smp-server-stats.txt', import.meta.url), 'utf8');
const NOON = Date.parse('2026-11-24T12:00:00Z');

const counts = {
  queues: 50, securedQueues: 19, messages: 390, notifiers: 7, notifications: 40, recipientServices: 1, recipientServiceQueues: 2,
  notifierServices: 3, notifierServiceQueues: 4, proxyServices: 0,
};

/** Statistics of a relay that does nothing but what a test says, in the folder where it is told to. */
function statisticsIn(folder: string) {
  const clock = createFakeClock(NOON);
  const stats = new SmpStats(clock);
  const source = smpStatistics({ server: { stats }, store: { counts: () => Promise.resolve(counts) } });
  return { clock, stats, source, open: () => openDailyStatistics({ folder, name: 'smp', clock, log: silentLogger, source }) };
}

const names = (text: string): string[] => text.split('\n').filter((line) => line !== '').map((line) => line.split('=')[0]!);
const stateIn = (folder: string): string => readFileSync(join(folder, 'smp-statistics.txt'), 'utf8');

async function lineOf(folder: string): Promise<string[]> {
  const path = join(folder, 'smp-daily.csv');
  await expect.poll(() => readFileSync(path, { encoding: 'utf8', flag: 'a+' }), { timeout: 10_000 }).toMatch(/\n$/);
  return readFileSync(path, 'utf8').trimEnd().split(',');
}

describe('the state file', () => {
  it('is read as the reference wrote it, and written with the same lines in the same order', async () => {
    const folder = relayFolder();
    writeFileSync(join(folder, 'smp-statistics.txt'), REFERENCE);
    const { open, stats } = statisticsIn(folder);
    const statistics = await open();
    expect(statistics.from.toISOString()).toBe('2026-11-24T02:44:11.421Z');
    expect(statistics.counters()).toMatchObject({ qCreated: 52, qSecured: 19, qDeletedAll: 2, ntfCreated: 7, ntfNewCreated: 1, msgSent: 499, msgSentQuota: 2, msgRecv: 107, msgRecvGet: 107, msgSentNtf: 40 });
    stats.messagesSent.add();
    await statistics.close();
    const text = stateIn(folder);
    expect(names(text).slice(0, names(REFERENCE).length)).toEqual(names(REFERENCE));
    expect(text).toContain('msgSent=500\n');
    expect(names(text).slice(names(REFERENCE).length).every((name) => /^(polyplex-.*|salt|(day|week|month)(Start)?)/.test(name))).toBe(true);
  });

  it('has every counter of the relay', () => {
    const { source } = statisticsIn('');
    expect(Object.keys(source.counters()).filter((name) => !source.lines.includes(name))).toEqual([]);
  });
});

describe('the line of a day', () => {
  it('has 96 columns, each with the figure of its name', async () => {
    const folder = relayFolder();
    const { clock, stats, source, open } = statisticsIn(folder);
    await open();
    stats.queuesCreated.add(2); // 2
    stats.messagesReceived.add(6); // 6
    for (let i = 0; i < 3; i++) stats.activeQueues.add(new Uint8Array(24).fill(i)); // 7
    stats.activeQueuesNotifying.add(new Uint8Array(24)); // 12
    stats.queuesDeletedSecured.add(19);
    stats.relaySessions.add('requested', true); // 20, 25
    stats.forwards.add('other', false); // 34
    stats.forwardsReceived.add(40);
    stats.sendErrors.add('quota', 46);
    stats.getErrors.add('prohibited', 57);
    stats.notifierSubscribeErrors.add('duplicate', 66);
    stats.endBatches.add(71);
    stats.notificationsExpired.add(75);
    stats.recipientServices.assocNew.add(81);
    stats.notifierServices.subEnd.add(96);
    clock.advance(12 * 3_600_000);
    const line = await lineOf(folder);
    expect(line).toHaveLength(96);
    const at = Object.fromEntries(line.map((value, i) => [i + 1, value] as const).filter(([, value]) => value !== '0'));
    expect(at).toEqual({
      1: '2026-11-24', 2: '2', 6: '6', 7: '3', 8: '', 9: '', 12: '1', 13: '', 14: '', 15: '50', 16: '390', 19: '19', 20: '1', 25: '1', 34: '1', 40: '40',
      46: '46', 57: '57', 61: '50', 66: '66', 67: '7', 71: '71', 75: '75', 76: '40', 77: '1', 78: '3', 79: '2', 80: '4', 81: '81', 96: '96',
    });
    expect(source.columns).toHaveLength(95);
  });

  it('has nothing of the day before but what services have', async () => {
    const folder = relayFolder();
    const { clock, stats, open } = statisticsIn(folder);
    const statistics = await open();
    stats.queuesCreated.add(2);
    stats.notifierServices.subEnd.add(96);
    clock.advance(12 * 3_600_000);
    await lineOf(folder);
    // The day begins when the line is written, which may be a moment after it can be read.
    await expect.poll(() => Object.entries(statistics.counters()).filter(([, value]) => value !== 0)).toEqual([['ntfServices.subEnd', 96]]);
  });
});

describe('a node', () => {
  const work = async (client: SmpClient): Promise<void> => {
    const queue = await createQueue(client, { subscribe: false });
    await sendMessage(client, { senderId: queue.senderId, key: null }, new Uint8Array(10));
  };

  it('keeps what it counted over a restart, and its metrics begin again', async () => {
    const folder = relayFolder();
    const kept = join(folder, 'data', 'statistics');
    const first = await startNode(folder, 'statistics.daily=on');
    await work(await connect(first));
    await first.stop();
    expect(stateIn(kept)).toContain('msgSent=1\n');
    expect(stateIn(kept)).toContain('qCount=1\n');
    const second = await startNode(folder, 'statistics.daily=on');
    await work(await connect(second));
    const metrics = await (await fetch(`${second.adminUrl}metrics`)).text();
    expect(metrics).toContain('\nsimplex_smp_messages_sent 1\n');
    expect(metrics).toContain('\nsimplex_smp_queues_daily 2\n');
    await second.stop();
    expect(stateIn(kept)).toContain('msgSent=2\n');
  });

  it('writes nothing where they are off, and says what is wrong with their folder where they are on', async () => {
    const folder = relayFolder();
    await startNode(folder);
    expect(() => stateIn(join(folder, 'data', 'statistics'))).toThrow('ENOENT');
    const other = relayFolder();
    writeFileSync(join(other, 'taken'), '');
    await expect(startNode(other, 'statistics.daily=on', `statistics.folder=${join(other, 'taken')}`)).rejects.toMatchObject({ code: 'STORAGE', message: expect.stringContaining('statistics.folder') });
    mkdirSync(join(other, 'free'));
    await startNode(other, 'statistics.daily=on', `statistics.folder=${join(other, 'free')}`);
    expect(stateIn(join(other, 'free'))).toContain('msgSent=0\n');
  });
});

it('a queue that the operator blocks is counted, once', async () => {
  const stats = new SmpStats(createFakeClock(NOON));
  const answers = ['ok', 'already', 'missing', 'refused'] as const;
  let next = 0;
  const unused = () => Promise.reject(new Error('not asked'));
  const steps = countedSteps({ status: unused, unblock: unused, delete: unused, block: () => Promise.resolve(answers[next++]!) }, stats);
  for (const answer of answers) expect(await steps.block('x', { reason: 'spam', noticeSeconds: null })).toBe(answer);
  expect(stats.queuesBlocked.value).toBe(1);
});
