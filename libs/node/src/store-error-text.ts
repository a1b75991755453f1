/** What is wrong with a store, for the message with which a start ends. */
import { errorText } from '@polyplex/base';
import { StoreError } from '@polyplex/store-contract';

/** A failure of no known kind (`FAILED`) says what is wrong in its cause alone. */
export function storeErrorText(error: unknown): string {
  if (!(error instanceof StoreError)) return errorText(error);
  if (error.code === 'IN_USE') return 'another process is using it';
  return error.code === 'FAILED' && error.cause !== undefined ? errorText(error.cause) : errorText(error);
}
