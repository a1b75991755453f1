/** What goes wrong before anything is deployed: a stable code, and a message that says what to do. */
type InfraErrorCode = 'CONFIG' | 'SECRETS' | 'CA_KEY' | 'POLICY' | 'KIND' | 'TARGET';

/** Thrown by everything in `infra/`. Messages hold names of settings and files, never what secrets are. */
export class InfraError extends Error {
  override readonly name = 'InfraError';
  readonly code: InfraErrorCode;

  constructor(code: InfraErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
