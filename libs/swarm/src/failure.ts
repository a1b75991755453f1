/** Why an operation failed, in words that a report can count. */
import { CodedError } from '@polyplex/base';
import { ProxyRefusedError, RefusedError, SmpClientError, XftpClientError, XftpRefusedError } from '@polyplex/client';

/** `USAGE`: the request makes no sense, such as a message to a stranger. Others as in `protocol.ts`. */
export class SwarmError extends CodedError {
  override readonly name = 'SwarmError';
  readonly step: string;

  constructor(code: string, step: string, message: string = code, cause?: unknown) {
    super(code, message, { cause });
    this.step = step;
  }
}

export function usage(message: string): SwarmError {
  return new SwarmError('USAGE', 'request', message);
}

function codeOf(error: unknown): string {
  if (error instanceof RefusedError || error instanceof ProxyRefusedError || error instanceof XftpRefusedError) return error.error.type;
  if (error instanceof SmpClientError || error instanceof XftpClientError) return error.code;
  return 'INTERNAL';
}

/** Milliseconds that a step took, with its result; rejects with a `SwarmError` that names it. */
export async function timed<T>(step: string, task: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const started = performance.now();
  try {
    const result = await task();
    return { ms: performance.now() - started, result };
  } catch (error) {
    if (error instanceof SwarmError) throw error;
    throw new SwarmError(codeOf(error), step, undefined, error);
  }
}
