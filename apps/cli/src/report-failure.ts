/** Failures in an operator's words: what is wrong, without a stack, and the exit code that goes with it. */
import { CodedError, errorText } from '@polyplex/base';
import { ConfigError } from '@polyplex/config';
import { CommanderError } from 'commander';
import { NodeError } from '@polyplex/node';
import { WorkerEnded } from './workers/worker.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** `FILES`: something is missing or in the way; `FAILED`: the operation was refused. */
export class CliError extends CodedError<'FILES' | 'FAILED' | 'USAGE'> {
  override readonly name = 'CliError';
}

const NODE_CODES = { IDENTITY: EXIT_CODES.identity, LISTEN: EXIT_CODES.listen, STORAGE: EXIT_CODES.storage } as const;
const CLI_CODES = { FILES: EXIT_CODES.identity, FAILED: EXIT_CODES.failed, USAGE: EXIT_CODES.usage } as const;

/** Writes the reason to the standard error stream; answers the exit code. */
export function reportFailure(error: unknown, write: (text: string) => void): number {
  // Commander has said its own already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  if (error instanceof ConfigError) {
    write(`The configuration is wrong:\n${error.message.replace(/^/gm, '  ')}\n`);
    return EXIT_CODES.config;
  }
  const known = error instanceof NodeError || error instanceof CliError || error instanceof WorkerEnded;
  write(`polyplex: ${known || !(error instanceof Error) ? errorText(error) : (error.stack ?? error.message)}\n`);
  return exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof WorkerEnded) return error.exitCode;
  if (error instanceof NodeError) return NODE_CODES[error.code];
  return error instanceof CliError ? CLI_CODES[error.code] : EXIT_CODES.failed;
}
