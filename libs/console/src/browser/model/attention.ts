/** What an operator should look at, worst first. Nothing is listed that can be left alone: a list that is never empty is not read. */
import type { Overview } from '@polyplex/admin-api';
import type { Runbook } from '../../runbooks.ts';
import { counted, duration, written } from './format.ts';
import type { KnownNode } from './network.ts';
import type { StorePlace } from './places.ts';
import type { Sample } from './sample.ts';

export interface Attention {
  readonly level: 'bad' | 'warn';
  readonly text: string;
  /** What to do about it; none where the text is enough. */
  readonly see?: Runbook;
  /** Keys of the nodes that it concerns; none for all. */
  readonly nodes: readonly string[];
}

const DAY = 86_400;
const CERTIFICATE_WARN_DAYS = 30;
const CERTIFICATE_BAD_DAYS = 7;
const ROOM_WARN_SECONDS = 7 * DAY;
const ROOM_BAD_SECONDS = DAY;
const LIMIT_WARN = 0.8;
const LIMIT_BAD = 0.95;
const LAG_WARN_SECONDS = 0.2;
const FAILURES_MS = 5 * 60_000;
const CONNECTS_WITHIN_MS = 60_000;
const APPROVAL_SECONDS = DAY;

/** Of one node; the same text from several nodes is one entry. */
type Rule = (overview: Overview, now: number, node: KnownNode) => readonly Omit<Attention, 'nodes'>[];

const presence: Rule = ({ notReady, state }, now, { presence: is, heardAt }) => {
  if (is === 'stopped') return [];
  if (is !== 'here') return [{ level: 'bad', text: `has told nothing for ${duration(Math.round((now - heardAt) / 1000))}`, see: 'node-down' }];
  if (state === 'draining') return [{ level: 'warn', text: 'is draining: it takes no new connections' }];
  return notReady.map((reason) => ({ level: 'bad', text: `not ready: ${reason}`, see: 'not-ready' }));
};

const certificates: Rule = (overview, now) =>
  overview.certificates.flatMap(({ name, notAfter }) => {
    const left = (Date.parse(notAfter) - now) / 1000;
    if (left >= CERTIFICATE_WARN_DAYS * DAY) return [];
    const text = left <= 0 ? `the ${name} certificate has ended` : `the ${name} certificate ends in ${duration(left)}`;
    return [{ level: left < CERTIFICATE_BAD_DAYS * DAY ? 'bad' : 'warn', text, see: 'certificate-expiring' }];
  });

const limits: Rule = (overview) =>
  overview.limits.flatMap(({ setting, value, used, unit }) => {
    if (used === null || value <= 0 || used / value < LIMIT_WARN) return [];
    const text = `${setting} is used to ${written(used / value, 'share')} (${written(used, unit)} of ${written(value, unit)})`;
    return [{ level: used / value >= LIMIT_BAD ? 'bad' : 'warn', text }];
  });

const lag: Rule = ({ gauges: { loopLagSeconds } }) =>
  typeof loopLagSeconds === 'number' && loopLagSeconds >= LAG_WARN_SECONDS
    ? [{ level: 'warn', text: `its event loop lags by ${written(loopLagSeconds, 'seconds')}: the processor is too slow for the load`, see: 'event-loop-lag' }] : [];

const failures: Rule = (_overview, _now, { track }) => {
  const failed = Math.round(grown(track.samples, ['internalErrors', 'storeErrors']));
  return failed > 0 ? [{ level: 'bad', text: `${counted(failed, 'command')} failed in the last ${duration(FAILURES_MS / 1000)} (a fault of the program, or of the store)`, see: 'internal-errors' }] : [];
};

const relays: Rule = ({ gauges: { relaysSuspect } }) =>
  relaysSuspect ? [{ level: 'warn', text: `${counted(relaysSuspect, 'relay')} seem to have moved or died: their queues are silent ("polyplex ntf relays" says which)`, see: 'push-relay-suspect' }] : [];

/** A bot that has just started is not connected yet. */
const botRelays: Rule = ({ gauges: { ownRelays, ownRelaysConnected }, startedAt }, now) => {
  const away = (ownRelays ?? 0) - (ownRelaysConnected ?? 0);
  if (away <= 0 || now - Date.parse(startedAt) < CONNECTS_WITHIN_MS) return [];
  return [{ level: 'bad', text: `${String(away)} of ${counted(ownRelays ?? 0, 'relay')} that its queues are at cannot be reached`, see: 'bot' }];
};

const botFailures: Rule = (_overview, _now, { track }) => {
  const failed = Math.round(grown(track.samples, ['botFailures']));
  return failed > 0 ? [{ level: 'bad', text: `${counted(failed, 'event')} could not be handled in the last ${duration(FAILURES_MS / 1000)}: each is a fault of the bot's`, see: 'bot' }] : [];
};

const approvals: Rule = ({ gauges: { groupsPending, oldestApprovalSeconds } }) =>
  (oldestApprovalSeconds ?? 0) >= APPROVAL_SECONDS
    ? [{ level: 'warn', text: `${counted(groupsPending ?? 0, 'group waits', 'groups wait')} for approval, one for ${duration(oldestApprovalSeconds ?? 0)}`, see: 'bot' }] : [];

const admins: Rule = ({ gauges: { adminsWithoutRights } }) =>
  adminsWithoutRights ? [{ level: 'warn', text: `${counted(adminsWithoutRights, 'administrator has', 'administrators have')} no rights, for no contact has the number and name in the settings ("polyplex bot admins" says how to mend it)`, see: 'bot' }] : [];

/** How much counters grew within `FAILURES_MS`. */
function grown(samples: readonly Sample[], names: readonly string[]): number {
  const from = (samples.at(-1)?.at ?? 0) - FAILURES_MS;
  const steps = samples.map(({ at, values }, index) => {
    const seconds = at <= from || index === 0 ? 0 : (at - samples[index - 1]!.at) / 1000;
    return names.reduce((sum, name) => sum + (values[name] ?? 0) * seconds, 0);
  });
  return steps.reduce((sum, step) => sum + step, 0);
}

const ABSENT: readonly Rule[] = [presence];
const ALL: readonly Rule[] = [presence, failures, botFailures, botRelays, certificates, limits, lag, relays, approvals, admins];

/** `now`: milliseconds of the server's clock. */
export function attentionTo(nodes: readonly KnownNode[], places: readonly StorePlace[], now: number): Attention[] {
  const found = nodes.flatMap((node) => {
    const rules = node.presence === 'here' ? ALL : ABSENT;
    return rules.flatMap((rule) => rule(node.overview, now, node)).map((each) => ({ ...each, node: node.key }));
  });
  const merged = [...Map.groupBy(found, ({ level, text }) => `${level} ${text}`).values()].map((same) => ({
    ...said(same[0]!), nodes: same.map(({ node }) => node),
  }));
  return [...merged, ...places.flatMap(ofPlace), ...versions(nodes)].sort((a, b) => Number(a.level === 'warn') - Number(b.level === 'warn'));
}

function said({ level, text, see }: Omit<Attention, 'nodes'>): Omit<Attention, 'nodes'> {
  return { level, text, ...(see !== undefined && { see }) };
}

function ofPlace({ name, lasts, shards }: StorePlace): Attention[] {
  const lost = shards.filter(({ reachedBy, usedBy }) => reachedBy < usedBy).map(({ name: shard, reachedBy, usedBy }) => ({
    level: 'bad' as const, text: `${shard} (${name}) is not reached${usedBy === 1 ? '' : ` by ${String(usedBy - reachedBy)} of ${counted(usedBy, 'node')}`}`, see: 'store-away' as const, nodes: [],
  }));
  if (!('seconds' in lasts) || lasts.seconds >= ROOM_WARN_SECONDS) return lost;
  const text = `room for ${name} lasts ${duration(lasts.seconds)} at the present rate`;
  return [...lost, { level: lasts.seconds < ROOM_BAD_SECONDS ? 'bad' : 'warn', text, see: 'room', nodes: [] }];
}

/** As during an upgrade: no harm, but to be known when something else is odd. */
function versions(nodes: readonly KnownNode[]): Attention[] {
  const found = [...new Set(nodes.filter(({ presence: is }) => is === 'here').map(({ overview }) => overview.version))].sort();
  return found.length < 2 ? [] : [{ level: 'warn', text: `several versions run: ${found.join(', ')}`, see: 'versions-differ', nodes: [] }];
}
