/** What an engine meets, as the contract's `StoreError`. */
import { DecodeError } from '@polyplex/codec';
import { StoreError, type StoreErrorCode } from '@polyplex/store-contract';

const MESSAGES: Readonly<Record<StoreErrorCode, string>> = {
  FULL: 'no space left for the store',
  UNAVAILABLE: 'the store cannot be reached',
  DAMAGED: 'the data of the store cannot be read',
  IN_USE: 'another process has the store open',
  FAILED: 'the store failed',
};

export function storeError(code: StoreErrorCode, cause?: unknown, message = MESSAGES[code]): StoreError {
  return new StoreError(code, message, cause === undefined ? undefined : { cause });
}

/** Any error as a `StoreError`: a value that cannot be read is `DAMAGED`, whatever is of no known kind `FAILED`. */
export function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return storeError(error instanceof DecodeError ? 'DAMAGED' : 'FAILED', error);
}
