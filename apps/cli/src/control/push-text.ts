/** What a push proxy tells of relays and push services, for people. */
import type { AnswerOf } from '@polyplex/admin-api';
import { SECOND } from '@polyplex/base';
import { count, duration } from '../status/in-words.ts';
import { type Column, harmless, inPlain, table } from '../status/table.ts';

const WIDTH = 160;
const left = (title: string): Column => ({ title });
const right = (title: string): Column => ({ title, align: 'right' });

type Relay = AnswerOf<'relays'>['relays'][number];

export function relaysText({ total, relays }: AnswerOf<'relays'>): string {
  if (total === 0) return 'No relay is watched.';
  const columns = [left('RELAY'), left('STATE'), right('QUEUES'), right('ACTIVE'), right('BY SERVICE'), right('ACTIVE'), right('WAITING'), left('TROUBLE')];
  const rows = relays.map((relay) => [
    relay.relay, stateText(relay), count(relay.subscriptions), count(relay.active), count(relay.inService), count(relay.activeInService), count(relay.waiting), relay.troubles.join(', '),
  ]);
  return [...tableOf(columns, rows), ...moreText(total - relays.length)].join('\n');
}

function stateText({ state, isOwn, awaySeconds, awayCause }: Relay): string {
  const away = awaySeconds === null ? '' : ` ${duration(awaySeconds * SECOND)}${awayCause === null ? '' : ` (${awayCause})`}`;
  return `${state}${away}${isOwn ? ', own' : ''}`;
}

export function placesText({ total, places }: AnswerOf<'places'>): string {
  if (total === 0) return 'Nothing was pushed lately.';
  const time = (seconds: number | null): string => (seconds === null ? '' : duration(seconds * SECOND));
  const columns = [left('PUSH SERVICE'), right('IN LINE'), right('UNDER WAY'), right('OLDEST'), right('PAUSED FOR')];
  const rows = places.map(({ place, queued, inFlight, pausedSeconds, oldestSeconds }) => [place, count(queued), count(inFlight), time(oldestSeconds), time(pausedSeconds)]);
  return [...tableOf(columns, rows), ...moreText(total - places.length)].join('\n');
}

function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  return table(columns, rows.map((row) => row.map((text) => ({ text: harmless(text) }))), { width: WIDTH, paint: inPlain });
}

function moreText(more: number): string[] {
  return more > 0 ? [`and ${String(more)} more`] : [];
}
