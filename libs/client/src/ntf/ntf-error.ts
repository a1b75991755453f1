/** What a push proxy refuses: thrown by the typed commands; `request` hands the reply out as a value. */
import { CodedError } from '@polyplex/base';
import { type NtfError, ntfErrorText } from '@polyplex/protocol-ntf';

export class NtfRefusedError extends CodedError<'REFUSED'> {
  override readonly name = 'NtfRefusedError';
  readonly error: NtfError;

  constructor(error: NtfError) {
    super('REFUSED', `the push proxy answered ${ntfErrorText(error)}`);
    this.error = error;
  }
}
