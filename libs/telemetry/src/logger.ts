/**
 * Logging and counting as interfaces, so that no library depends on a backend. Fields are for operators: never
 * payload, keys, queue ids or client addresses.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type Logger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
