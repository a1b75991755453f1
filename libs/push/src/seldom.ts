/** Warnings that an operator sees once in a while, however often their cause comes. */
import { type Clock, MINUTE } from '@polyplex/base';
import type { LogFields, Logger } from '@polyplex/telemetry';

const SILENT_MS = 10 * MINUTE;

export interface SeldomLog {
  /** `kind` is of a closed set: one of each is remembered. */
  warn(kind: string, message: string, fields?: LogFields): void;
}

export function createSeldomLog(log: Logger, clock: Clock): SeldomLog {
  const said = new Map<string, number>();
  return {
    warn(kind, message, fields) {
      const now = clock.now();
      if (now - (said.get(kind) ?? -Infinity) < SILENT_MS) return;
      said.set(kind, now);
      log.warn(message, fields);
    },
  };
}
