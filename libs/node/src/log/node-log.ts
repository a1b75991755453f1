/**
 * The log of a process: structured by pino, written as JSON or as text, its level changed while it runs. What clients do
 * cannot flood it (`repeats.ts`), and the latest warnings are kept for whoever asks (`recent-lines.ts`).
 */
import { type Clock, systemClock } from '@polyplex/base';
import { LOG_LEVELS, type LogControl, type LogFields, type Logger, type LogLevel } from '@polyplex/telemetry';
import { pino } from 'pino';
import type { LogSettings } from '../config/process-sections.ts';
import { RecentLines } from './recent-lines.ts';
import { Repeats } from './repeats.ts';
import { textLine } from './text-line.ts';

export interface NodeLog extends Logger {
  readonly control: LogControl;
  /** Writes how often what was held back had come; the last thing a process does. */
  flush(): void;
}

/** Names that a line has of its own: a fact may not take them. */
const OWN_NAMES = ['time', 'level', 'message'];

/** `write` gets whole lines. */
export function nodeLog({ level, format }: LogSettings, write: (line: string) => void, clock: Clock = systemClock): NodeLog {
  const lines = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: format === 'json' ? write : (line: string) => write(textLine(line)) },
  );
  const recent = new RecentLines();
  const repeats = new Repeats(clock, (of, message, repeated) => lines[of]({ ...repeated }, message));
  const at = (of: LogLevel) => (message: string, fields: LogFields = {}): void => {
    if (of === 'warn' || of === 'error') recent.note(of, message, clock.now());
    if (lines.isLevelEnabled(of) && repeats.admit(of, message)) lines[of](factsOf(fields), message);
  };
  return {
    debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'),
    control: {
      get level() {
        return lines.level as LogLevel;
      },
      setLevel(wanted) {
        if (LOG_LEVELS.includes(wanted)) lines.level = wanted;
      },
      recent: () => recent.all(),
    },
    flush: () => repeats.flush(),
  };
}

/** A fact named as the line's own would be there twice, or in its place. */
function factsOf(fields: LogFields): LogFields {
  const taken = Object.keys(fields).filter((name) => OWN_NAMES.includes(name));
  return taken.length === 0 ? fields : Object.fromEntries(Object.entries(fields).map(([name, value]) => [taken.includes(name) ? `${name}_` : name, value]));
}
