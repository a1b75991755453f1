/** What `polyplex status` makes of what nodes tell. */
import { type Overview, overviewSchema } from '@polyplex/admin-api';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { adminsText } from '../src/control/directory-text.ts';
import type { FleetView } from '../src/status/ask-fleet.ts';
import { fleetLines, isWell } from '../src/status/fleet-text.ts';
import { bytes, count, duration, percent, rate, seconds } from '../src/status/in-words.ts';
import { inColour, inPlain } from '../src/status/table.ts';

const AT = new Date('2026-03-04T12:00:00.000Z');

function relay(node: string, more: Partial<Overview> = {}): Overview {
  return overviewSchema.parse({
    service: 'smp', node, version: '1.2.3', address: 'smp://AAAA@relay.example', at: AT.toISOString(), startedAt: '2026-03-01T10:00:00.000Z',
    state: 'running', notReady: [],
    counters: { messagesSent: 1000 }, rates: { messagesSent: 12.34, messagesDelivered: 0.01, cpuSeconds: 0.25 },
    gauges: { sessions: 1234, subscriptions: 250_000, queues: 42, messages: 7, notifiers: null, memoryBytes: 300 * 1024 ** 2, loopLagSeconds: 0.0012 },
    latencies: { send: { count: 9, p50: 0.001, p95: 0.002, p99: 0.0034 }, store: { count: 0, p50: null, p95: null, p99: null } },
    stores: [{ name: 'queues', engine: 'redis', available: true, roomBytes: 9, shards: [
      { name: '10.0.0.1:6379', connected: true, roomBytes: 5 * 1024 ** 3, p99Seconds: 0.002 },
      { name: '10.0.0.2:6379', connected: true, roomBytes: null, p99Seconds: null },
    ] }],
    certificates: [{ name: 'identity', notAfter: '2036-01-01T00:00:00.000Z' }], limits: [], warnings: [],
    ...more,
  });
}

function view(nodes: readonly Overview[], problems: readonly string[] = []): FleetView {
  return { at: AT, nodes, problems, answered: nodes.length > 0 };
}

function text(seen: FleetView, width = 200): string {
  return fleetLines(seen, { width, paint: inPlain }).join('\n');
}

describe('a fleet that is well', () => {
  it('shows each node, and all together', () => {
    const shown = text(view([relay('b'), relay('a')]));
    expect(shown).toContain('Polyplex: 2 nodes, all ready   2026-03-04 12:00:00 UTC');
    expect(shown).toMatch(/a {9}ready +3d 2h +1,234 +250\.0k +12 +<0\.1 +3\.4 ms +– +25% +300 MiB +1\.2 ms/);
    expect(shown.indexOf('  a ')).toBeLessThan(shown.indexOf('  b '));
    expect(shown).toMatch(/together +2,468 +500\.0k +25 +<0\.1 +50% +600 MiB\n/);
    // They share a store, so that each tells of all queues.
    expect(shown).toContain('42 queues, 7 messages waiting, – notifiers');
    expect(shown).toMatch(/queues \(redis\) {2}10\.0\.0\.1:6379 {2}answers +5\.0 GiB {2}2\.0 ms/);
    expect(shown).not.toContain('!');
    expect(shown).not.toContain('Warnings');
  });

  it('adds up what nodes keep each for itself', () => {
    const own = { stores: [{ name: 'queues', engine: 'embedded', available: true, roomBytes: 1, shards: [{ name: 'disk', connected: true, roomBytes: 2048, p99Seconds: null }] }] } as const;
    const shown = text(view([relay('a', own as unknown as Partial<Overview>), relay('b', own as unknown as Partial<Overview>)]));
    expect(shown).toContain('84 queues');
    expect(shown.match(/queues {2}disk {3}answers +2\.0 KiB/g)).toHaveLength(2);
  });

  it('fits into the terminal', () => {
    const long = relay('n'.repeat(60), { warnings: [{ at: AT.toISOString(), level: 'warn', message: 'w'.repeat(300), count: 1 }] });
    for (const width of [30, 80, 100]) {
      for (const line of fleetLines(view([long, relay('a')]), { width, paint: inPlain })) expect([...line].length).toBeLessThanOrEqual(Math.max(width, 52));
    }
    expect(text(view([relay('a')]), 60)).not.toContain('LOOP');
    expect(text(view([relay('a')]), 60)).toContain('CLIENTS');
  });

  it('has colours for terminals, which take no room', () => {
    const painted = fleetLines(view([relay('a')]), { width: 80, paint: inColour }).join('\n');
    expect(painted).toContain('\u001b[32mready\u001b[0m');
    // eslint-disable-next-line no-control-regex
    expect(painted.replace(/\u001b\[\d*m/g, '')).toBe(text(view([relay('a')]), 80));
  });
});

describe('what needs attention', () => {
  it.each<[string, Partial<Overview>, string]>([
    ['a node that is not ready', { notReady: ['the store does not answer'] }, '! b: the store does not answer'],
    ['a certificate', { certificates: [{ name: 'web', notAfter: '2026-03-20T12:00:00.000Z' }] }, '! b: its web certificate ends in 16 days'],
    ['one that is no more', { certificates: [{ name: 'identity', notAfter: '2026-03-01T12:00:00.000Z' }] }, '! b: its identity certificate has expired'],
    ['a bound', { limits: [{ setting: 'limits.connections', value: 100, used: 85, unit: 'count' }] }, '! b: 85% of limits.connections in use (85 of 100)'],
    ['several releases', { version: '1.3.0' }, '! nodes of several releases: 1.2.3, 1.3.0'],
  ])('names %s', (_name, more, notice) => {
    expect(text(view([relay('a'), relay('b', more)]))).toContain(notice);
  });

  it.each<[string, Partial<Overview>]>([
    ['a bound that is far', { limits: [{ setting: 'x', value: 100, used: 79, unit: 'count' }, { setting: 'y', value: 0, used: 0, unit: 'count' }, { setting: 'z', value: 5, used: null, unit: 'count' }] }],
    ['a certificate that is good', { certificates: [{ name: 'web', notAfter: '2026-04-04T12:00:00.000Z' }] }],
  ])('says nothing of %s', (_name, more) => {
    expect(text(view([relay('a', more)]))).not.toContain('!');
  });

  it('counts nodes that are not ready, and tells those that drain apart', () => {
    const seen = view([relay('a'), relay('b', { notReady: ['x'] }), relay('c', { state: 'draining', notReady: ['draining'] })]);
    const shown = text(seen);
    expect(shown).toContain('3 nodes, 2 not ready');
    expect(shown).toMatch(/b +not ready/);
    expect(shown).toMatch(/c +draining/);
    expect([isWell(seen), isWell(view([relay('a')])), isWell(view([relay('a')], ['others?'])), isWell(view([]))]).toEqual([false, true, false, false]);
  });

  it('shows a shard as the node that sees least of it', () => {
    const away = relay('b');
    away.stores[0]!.shards[0] = { name: '10.0.0.1:6379', connected: false, roomBytes: 1024, p99Seconds: 0.5 };
    expect(text(view([relay('a'), away]))).toMatch(/10\.0\.0\.1:6379 {2}not for 1 of 2 nodes +1\.0 KiB {2}500 ms/);
    expect(text(view([away]))).toMatch(/10\.0\.0\.1:6379 {2}does not answer/);
  });

  it('shows the latest warnings, once for servers of one process', () => {
    const warnings: Overview['warnings'] = [
      { at: '2026-03-04T11:59:00.000Z', level: 'warn', message: 'uploads are refused', count: 3 },
      { at: '2026-03-04T11:58:00.000Z', level: 'error', message: 'reload failed', count: 1 },
    ];
    const shown = text(view([relay('a', { warnings }), relay('b', { warnings })]));
    expect(shown.split('\n').slice(-2)).toEqual([expect.stringMatching(/11:58:00 error [ab]: reload failed$/), expect.stringMatching(/11:59:00 warn {2}[ab]: uploads are refused \(3 times\)$/)]);
  });

  it('lets nothing steer the terminal', () => {
    const bad = relay('a\u001b[2J', { address: 'smp://\u009b2J', notReady: ['\u001b]0;title\u0007'], warnings: [{ at: AT.toISOString(), level: 'warn', message: 'x\ny\u2028z', count: 1 }] });
    for (const line of fleetLines(view([bad], ['p\u001b[31m']), { width: 100, paint: inPlain })) expect(line).not.toMatch(/[\p{C}\u2028]/u);
  });
});

describe('a directory bot', () => {
  const MISSING = { admins: 2, adminsWithoutRights: 1 };
  const LONG = { groupsPending: 2, oldestApprovalSeconds: 90_000 };

  function bot(more: Overview['gauges'] = {}, startedAt = '2026-03-01T10:00:00.000Z'): Overview {
    return {
      ...relay('d'), service: 'bot', address: 'https://relay.example/a#AAAA', startedAt, counters: {}, rates: { chatEvents: 2.5, chatMessages: 4, searches: 0.2, joinsAsked: 0 },
      gauges: {
        groupsListed: 912, groupsPending: 0, oldestApprovalSeconds: 0, contacts: 5210, groupMembers: 48_300, storeBytes: 310 * 1024 ** 2, ownRelays: 2, ownRelaysConnected: 2, tasks: 7, admins: 2,
        adminsWithoutRights: 0, ...more,
      },
      latencies: { event: { count: 9, p50: 0.001, p95: 0.002, p99: 0.0021 } },
      stores: [{ name: 'records', engine: 'embedded', available: true, roomBytes: 1, shards: [{ name: 'disk', connected: true, roomBytes: 5 * 1024 ** 3, p99Seconds: 0.002 }] }],
    };
  }

  it('is shown beside the others', () => {
    const shown = text(view([bot(), relay('a')]));
    expect(shown).toMatch(/SMP relay[^]*Directory bot {2}https:\/\/relay\.example[^]*d +ready +3d 2h +2\/2 +7 +2\.5 +4\.0 +0\.2 +0 +2\.1 ms/);
    expect(shown).toContain('912 groups listed, 0 wait for approval; 5,210 contacts, 48,300 members; 310 MiB');
    expect(shown).not.toContain('!');
  });

  it.each<[string, Overview['gauges'], string]>([
    ['relays that it does not reach', { ownRelaysConnected: 0 }, '! d: 2 of the 2 relays that it is at cannot be reached'],
    ['administrators without rights', MISSING, '! d: 1 of its administrators without rights: "polyplex bot admins" says why'],
    ['groups that have waited for a day', LONG, '! d: 2 groups wait for approval, one for 1d 1h'],
  ])('asks for a look at %s', (_name, more, notice) => {
    expect(text(view([bot(more)]))).toContain(notice);
  });

  it('is given a minute to reach its relays, and its administrators a day', () => {
    const shown = text(view([bot({ ownRelaysConnected: 1, groupsPending: 1, oldestApprovalSeconds: 86_000 }, '2026-03-04T11:59:30.000Z')]));
    expect(shown).not.toContain('!');
    expect(shown).toContain('1 wait for approval, one for 23h 53m;');
  });
});

describe('what administrators may do', () => {
  it('is said for each entry, with what to put instead', () => {
    const shown = adminsText({ admins: [
      { setting: 'botDirectory.superUsers', entry: '1:anna', state: 'matches', entryNow: null },
      { setting: 'botDirectory.adminUsers', entry: '4:bert', state: 'renamed', entryNow: '4:b"e\u001b[2J\u200dt' },
      { setting: 'botDirectory.adminUsers', entry: '7:carl', state: 'missing', entryNow: null },
    ] });
    expect(shown.split('\n')).toEqual([
      'botDirectory.superUsers', '  "1:anna"  has the rights', 'botDirectory.adminUsers',
      '  "4:bert"  is the same contact under another name: put "4:b\\"e\\u001b[2J\\u200dt" in its place, and start the bot again',
      expect.stringMatching(/^ {2}"7:carl" {2}nobody has this number and name: .*\/whoami/),
    ]);
    expect(parse(/put (".*") in/.exec(shown)![1]!)).toBe('4:b"e\u001b[2J\u200dt');
  });
});

describe('numbers in words', () => {
  it.each([
    [count(null), '–'], [count(0), '0'], [count(99_999), '99,999'], [count(123_456), '123.5k'], [count(12_345_678), '12.3M'],
    [rate(0), '0'], [rate(0.01), '<0.1'], [rate(3.14), '3.1'], [rate(9.96), '10'], [rate(1234), '1,234'],
    [bytes(undefined), '–'], [bytes(0), '0 B'], [bytes(1023), '1023 B'], [bytes(1024 ** 2 - 1), '1.0 MiB'], [bytes(15.5 * 1024 ** 3), '16 GiB'],
    [seconds(0.000_05), '0.1 ms'], [seconds(0.0123), '12 ms'], [seconds(2.5), '2.5 s'], [seconds(null), '–'],
    [percent(0.256), '26%'], [duration(0), '0s'], [duration(61_000), '1m 1s'], [duration(3_600_000), '1h'], [duration(90_061_000), '1d 1h'],
  ])('%s is %s', (shown, expected) => expect(shown).toBe(expected));
});
