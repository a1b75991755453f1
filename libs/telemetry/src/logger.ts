/**
 * Logging and counting as interfaces, so that no library depends on a backend. Fields are for operators: never
 * payload, keys, queue ids or client addresses.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type Logger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** One JSON object a line to `write`, from `least` up. */
export function jsonLogger(write: (line: string) => void, least: LogLevel, now: () => number = Date.now): Logger {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    write(JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields }) + '\n');
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
