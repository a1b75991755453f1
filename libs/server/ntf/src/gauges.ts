/** What there is at this moment on the client side, read by a walk over the sessions. */
import type { Session } from '@polyplex/server-core';

export interface NtfGauges {
  /** Connections, those still in handshake included. */
  readonly connections: number;
  readonly sessions: number;
  /** Sessions by what they speak: `v3`. */
  readonly byVersion: Readonly<Record<string, number>>;
  /** Bytes that wait for clients that do not read, and how many such clients there are. */
  readonly outboxBytes: number;
  readonly slowSessions: number;
}

export function sessionGauges(sessions: Iterable<Session>): Omit<NtfGauges, 'connections'> {
  const byVersion: Record<string, number> = {};
  const sums = { sessions: 0, outboxBytes: 0, slowSessions: 0 };
  for (const { version, connection, outbox } of sessions) {
    const name = `v${String(version)}`;
    byVersion[name] = (byVersion[name] ?? 0) + 1;
    sums.sessions++;
    if (outbox.writable) continue;
    sums.slowSessions++;
    sums.outboxBytes += connection.bufferedBytes;
  }
  return { ...sums, byVersion };
}
