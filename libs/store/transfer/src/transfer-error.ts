/** What is wrong with a transfer file. */
import { CodedError } from '@polyplex/base';

/**
 * `FOREIGN` no transfer file; `NEWER` of a release that came later; `CUT` ends too early; `DAMAGED` was changed;
 * `TOO_LARGE` what is to be written has no room in the format.
 */
export type TransferErrorCode = 'FOREIGN' | 'NEWER' | 'CUT' | 'DAMAGED' | 'TOO_LARGE';

export class TransferError extends CodedError<TransferErrorCode> {
  override readonly name = 'TransferError';
}
