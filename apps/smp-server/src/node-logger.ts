/** The log on the standard error stream, for people or as JSON. */
import { jsonLogger, LOG_LEVELS, type LogFields, type Logger, type LogLevel } from '@polyplex/telemetry';
import type { SmpConfig } from './config/smp-config.ts';

export function nodeLogger({ level, format }: SmpConfig['log'], write: (line: string) => void): Logger {
  return format === 'json' ? jsonLogger(write, level) : textLogger(write, level);
}

function textLogger(write: (line: string) => void, least: LogLevel): Logger {
  const at = (level: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const facts = Object.entries(fields).filter(([, value]) => value !== undefined).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
    write(`${new Date().toISOString()} ${level.padEnd(5)} ${message}${facts.join('')}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
