/** Nest's own lines in the log of the process: what fails is an error there; what it sets up, and how it likes that, is for debugging. */
import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@polyplex/telemetry';

export class NestLogger implements LoggerService {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#log.debug(textOf(message), contextOf(rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#log.error('the admin port failed', { reason: textOf(message), ...contextOf(rest) });
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#log.error('the admin port failed', { reason: textOf(message), ...contextOf(rest) });
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.log(message, ...rest);
  }
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}

/** Nest names the part that speaks last, and puts the stack of an error before. */
function contextOf(rest: readonly unknown[]): { part?: string } {
  const part = rest.at(-1);
  return typeof part === 'string' && !part.includes('\n') ? { part } : {};
}
