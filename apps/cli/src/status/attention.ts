/** What an operator should look at, worst first. */
import type { Overview } from '@polyplex/admin-api';
import { DAY, MINUTE, SECOND } from '@polyplex/base';
import { bytes, count, duration, percent } from './in-words.ts';
import type { Tone } from './table.ts';

interface Notice {
  readonly tone: Extract<Tone, 'fair' | 'bad'>;
  readonly text: string;
}

const NEARLY = 0.8;
const SOON_DAYS = 30;
const URGENT_DAYS = 7;

export function noticesOf(nodes: readonly Overview[], problems: readonly string[], at: Date): Notice[] {
  const found = [
    ...problems.map((text): Notice => ({ tone: 'bad', text })),
    ...nodes.flatMap((node) => [...readiness(node), ...certificates(node, at), ...limits(node), ...relays(node), ...bot(node, at)]),
    ...versions(nodes),
  ];
  // What all nodes share is said once.
  const once = [...new Map(found.map((notice) => [notice.text, notice])).values()];
  return [...once.filter(({ tone }) => tone === 'bad'), ...once.filter(({ tone }) => tone === 'fair')];
}

function readiness({ node, notReady, state }: Overview): Notice[] {
  return notReady.map((reason) => ({ tone: state === 'draining' ? 'fair' : 'bad', text: `${node}: ${reason}` }));
}

function certificates({ node, certificates }: Overview, at: Date): Notice[] {
  return certificates.flatMap(({ name, notAfter }): Notice[] => {
    const days = Math.floor((Date.parse(notAfter) - at.getTime()) / DAY);
    if (days >= SOON_DAYS) return [];
    return [{ tone: days < URGENT_DAYS ? 'bad' : 'fair', text: `${node}: its ${name} certificate ${days < 0 ? 'has expired' : `ends in ${String(days)} days`}` }];
  });
}

function limits({ node, limits }: Overview): Notice[] {
  return limits.flatMap(({ setting, value, used, unit }): Notice[] => {
    if (used === null || value <= 0 || used < value * NEARLY) return [];
    const shown = unit === 'bytes' ? bytes : count;
    return [{ tone: used >= value ? 'bad' : 'fair', text: `${node}: ${percent(used / value)} of ${setting} in use (${shown(used)} of ${shown(value)})` }];
  });
}

/** Of a push proxy: nobody else tells that a relay has moved, since it is only silent. */
function relays({ node, gauges: { relaysSuspect } }: Overview): Notice[] {
  return relaysSuspect ? [{ tone: 'fair', text: `${node}: ${count(relaysSuspect)} of its relays seem to have moved or died ("polyplex ntf relays" says which)` }] : [];
}

const WAITS_LONG = DAY;
const BOT_RUNBOOK = 'docs/operations/runbooks/bot.md';

/** Of a directory bot: its relays, and what people wait for. */
function bot({ node, gauges, startedAt }: Overview, at: Date): Notice[] {
  const { ownRelays, ownRelaysConnected, groupsPending, oldestApprovalSeconds, adminsWithoutRights } = gauges;
  const away = (ownRelays ?? 0) - (ownRelaysConnected ?? 0);
  const waits = (oldestApprovalSeconds ?? 0) * SECOND;
  const isUp = at.getTime() - Date.parse(startedAt) > MINUTE;
  return [
    ...(away > 0 && isUp ? [{ tone: 'bad' as const, text: `${node}: ${count(away)} of the ${count(ownRelays)} relays that it is at cannot be reached (${BOT_RUNBOOK})` }] : []),
    ...(adminsWithoutRights ? [{ tone: 'fair' as const, text: `${node}: ${count(adminsWithoutRights)} of its administrators without rights: "polyplex bot admins" says why` }] : []),
    ...(waits >= WAITS_LONG ? [{ tone: 'fair' as const, text: `${node}: ${count(groupsPending)} groups wait for approval, one for ${duration(waits)} (${BOT_RUNBOOK})` }] : []),
  ];
}

function versions(nodes: readonly Overview[]): Notice[] {
  const all = [...new Set(nodes.map(({ version }) => version))].toSorted();
  return all.length < 2 ? [] : [{ tone: 'fair', text: `nodes of several releases: ${all.join(', ')}` }];
}
