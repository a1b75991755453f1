/** What is put before an operator: everything that needs one, worst first, and nothing else. */
import type { Overview } from '@polyplex/admin-api';
import { describe, expect, it } from 'vitest';
import { attentionTo } from '../../src/browser/model/attention.ts';
import { createNetwork } from '../../src/browser/model/network.ts';
import { placesOf } from '../../src/browser/model/places.ts';
import { fleetOf, type Scenario } from '../support/scenario.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const SCENARIO: Scenario = { service: 'smp', count: 3, engine: 'redis', startedAt: NOW - 86_400_000 };
const DAY_MS = 86_400_000;

type Change = (overview: Overview, index: number) => Overview;
const onFirst = (change: (overview: Overview) => Partial<Overview>): Change => (overview, index) => (index === 0 ? { ...overview, ...change(overview) } : overview);

/** What is said after two looks at three relays. */
function said(change: Change, count = 3): string[] {
  const network = createNetwork();
  for (const now of [NOW - 4000, NOW]) {
    network.tell(fleetOf({ ...SCENARIO, count, change: (overview, index) => (now === NOW ? change(overview, index) : overview) }, now).nodes, now, undefined);
  }
  const places = placesOf(network.nodes, network.whole.samples);
  return attentionTo(network.nodes, places, NOW).map(({ level, text, nodes }) => `${level} ${nodes.join(',')}: ${text}`);
}

const ends = (ms: number) => ({ certificates: [{ name: 'web' as const, notAfter: new Date(NOW + ms).toISOString() }] });

describe('attention', () => {
  it('is asked for nothing when all is well', () => {
    expect(said((overview) => overview)).toEqual([]);
  });

  it.each([
    ['a node that is not ready', () => ({ notReady: ['the disk is full'] }), ['bad relay-1: not ready: the disk is full']],
    ['a node that drains', () => ({ state: 'draining' as const, notReady: ['draining'] }), ['warn relay-1: is draining: it takes no new connections']],
    ['a certificate with 29 days', () => ends(29 * DAY_MS), ['warn relay-1: the web certificate ends in 29 d']],
    ['a certificate with 6 days', () => ends(6 * DAY_MS), ['bad relay-1: the web certificate ends in 6 d']],
    ['a certificate that has ended', () => ends(-1), ['bad relay-1: the web certificate has ended']],
    ['a certificate with 31 days', () => ends(31 * DAY_MS), []],
    ['a limit used to 80 %', () => ({ limits: [{ setting: 'limits.x', value: 10, used: 8, unit: 'count' as const }] }), ['warn relay-1: limits.x is used to 80 % (8 of 10)']],
    ['a limit that is reached', () => ({ limits: [{ setting: 'limits.x', value: 10, used: 10, unit: 'count' as const }] }), ['bad relay-1: limits.x is used to 100 % (10 of 10)']],
    ['a limit of nothing', () => ({ limits: [{ setting: 'limits.x', value: 0, used: 0, unit: 'count' as const }] }), []],
    ['a slow event loop', (node: Overview) => ({ gauges: { ...node.gauges, loopLagSeconds: 0.5 } }), ['warn relay-1: its event loop lags by 500 ms: the processor is too slow for the load']],
    ['commands that failed', (node: Overview) => ({ counters: { ...node.counters, internalErrors: node.counters.internalErrors! + 3 } }), ['bad relay-1: 3 commands failed in the last 5 min (a fault of the program, or of the store)']],
    ['another version', () => ({ version: '9' }), ['warn : several versions run: 1.4.0, 9']],
  ])('is asked for %s', (_what, change, expected) => {
    expect(said(onFirst(change))).toEqual(expected);
  });

  it.each([
    ['a relay that is away', { ownRelays: 2, ownRelaysConnected: 1 }, ['bad: 1 of 2 relays that its queues are at cannot be reached (bot)']],
    ['an administrator without rights', { adminsWithoutRights: 1 }, [expect.stringMatching(/^warn: 1 administrator has no rights.*"polyplex bot admins".*\(bot\)$/)]],
    ['groups that have waited for a day', { groupsPending: 2, oldestApprovalSeconds: 86_400 }, ['warn: 2 groups wait for approval, one for 1 d (bot)']],
    ['groups that have waited for less', { groupsPending: 2, oldestApprovalSeconds: 86_399 }, []],
    ['relays of a bot that is new', { ownRelays: 2, ownRelaysConnected: 0 }, [], 59_000],
    ['relays of a bot that is not', { ownRelays: 2, ownRelaysConnected: 0 }, [expect.stringContaining('bad: 2 of 2 relays')], 61_000],
  ])('of a directory bot is asked for %s', (_what, gauges, expected, upMs = DAY_MS) => {
    const network = createNetwork();
    const scenario: Scenario = { service: 'bot', count: 1, engine: 'embedded', startedAt: NOW - upMs, change: (overview) => ({ ...overview, gauges: { ...overview.gauges, ...gauges } }) };
    network.tell(fleetOf(scenario, NOW).nodes, NOW, undefined);
    expect(attentionTo(network.nodes, [], NOW).map(({ level, text, see }) => `${level}: ${text} (${String(see)})`)).toEqual(expected);
  });

  it('of a directory bot is asked for events that could not be handled', () => {
    const network = createNetwork();
    for (const [now, botFailures] of [[NOW - 4000, 0], [NOW, 2]] as const) {
      network.tell(fleetOf({ service: 'bot', count: 1, engine: 'embedded', startedAt: NOW - DAY_MS, change: (overview) => ({ ...overview, counters: { ...overview.counters, botFailures } }) }, now).nodes, now, undefined);
    }
    expect(attentionTo(network.nodes, [], NOW).map(({ text }) => text)).toEqual([expect.stringMatching(/^2 events could not be handled in the last 5 min/)]);
  });

  it('is asked once for what several nodes say', () => {
    expect(said((overview, index) => ({ ...overview, notReady: index < 2 ? ['no room'] : [] }))).toEqual(['bad relay-1,relay-2: not ready: no room']);
  });

  it('is asked for a shard that some do not reach, with the worst first', () => {
    const change: Change = (overview, index) => ({
      ...overview, ...(index === 1 ? { version: '2' } : {}),
      stores: overview.stores.map((store) => ({ ...store, shards: store.shards.map((shard, i) => ({ ...shard, connected: !(index === 0 && i === 2) })) })),
    });
    expect(said(change)).toEqual(['bad : 10.0.0.13:6379 (queues) is not reached by 1 of 3 nodes', 'warn : several versions run: 1.4.0, 2']);
  });

  it('is asked for room that ends soon', () => {
    const [place] = placesOf([], []);
    expect(place).toBeUndefined();
    const soon = { name: 'queues' as const, engine: 'redis' as const, answers: 1, usedBy: 1, roomBytes: 1, shards: [] };
    const text = (seconds: number) => attentionTo([], [{ ...soon, lasts: { kind: 'falling', seconds, bytesPerSecond: 1 } }], NOW).map(({ level, text: words }) => `${level} ${words}`);
    expect(text(6 * 86_400)).toEqual(['warn room for queues lasts 6 d at the present rate']);
    expect(text(3600)).toEqual(['bad room for queues lasts 1 h at the present rate']);
    expect(text(8 * 86_400)).toEqual([]);
  });
});
