/** Answers of admin ports for people. */
import type { AnswerOf } from '@polyplex/admin-api';
import { bytes, count } from '../status/in-words.ts';
import { harmless, inPlain, table } from '../status/table.ts';

const WIDTH = 160;

/** Names and values, one a line. */
export function lines(values: Readonly<Record<string, string | number>>): string {
  const width = Math.max(0, ...Object.keys(values).map((name) => name.length)) + 1;
  return Object.entries(values).map(([name, value]) => `${`${harmless(name)}:`.padEnd(width)} ${harmless(String(value))}`).join('\n');
}

/** What was done, and where to find it again. */
export function done(what: string, target: string | null): string {
  return target === null ? what : `${what} (${harmless(target)} in the audit log)`;
}

export function clientsText({ connections, byVersion, bySubscriptions }: AnswerOf<'clients'>): string {
  const counts = (title: string, of: Readonly<Record<string, number>>): string[] => [title, ...Object.entries(of).map(([name, value]) => `  ${harmless(name).padEnd(12)} ${count(value)}`)];
  return [`Connections: ${count(connections)}`, ...counts('Sessions by version:', byVersion), ...counts('Sessions by subscriptions:', bySubscriptions)].join('\n');
}

export function backupText(state: AnswerOf<'backup'>): string {
  if (state === null) return 'No backup since the start.';
  const { name, startedAt, endedAt, error } = state;
  return lines({ name, state: state.state, started: startedAt, ...(endedAt === null ? {} : { ended: endedAt }), written: bytes(state.bytes), ...(error === null ? {} : { error }) });
}

export function auditText({ entries }: AnswerOf<'audit'>): string {
  if (entries.length === 0) return 'Nothing yet.';
  const columns = ['Time', 'Role', 'Action', 'On', 'Why', 'Result'].map((title) => ({ title }));
  const rows = entries.map(({ time, role, action, target, reason, result }) => [time, role, action, target ?? '', reason ?? '', result].map((text) => ({ text })));
  return table(columns, rows, { width: WIDTH, paint: inPlain }).join('\n');
}
