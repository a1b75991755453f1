/** Errors of our own carry a stable `code`; compare by it, never by message. Messages hold no ids, keys or addresses. */
export class CodedError<C extends string = string> extends Error {
  readonly code: C;

  constructor(code: C, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CodedError';
    this.code = code;
  }
}

export function hasCode<C extends string>(error: unknown, code: C): error is CodedError<C> {
  return error instanceof CodedError && error.code === code;
}

/** The text of anything thrown, for logs and operator messages. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
