/** What LMDB and the file system throw, as the contract's `StoreError`. */
import { CodedError } from '@polyplex/base';
import { DecodeError, EncodeError } from '@polyplex/codec';
import { StoreError, type StoreErrorCode } from '@polyplex/store-contract';

const MDB_MAP_FULL = -30792;
const ENOSPC = 28;
const EDQUOT = 122;
const EFBIG = 27;
const FULL_CODES: readonly unknown[] = [MDB_MAP_FULL, ENOSPC, EDQUOT, EFBIG, 'ENOSPC', 'EDQUOT'];
/** MDB_INVALID, MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_VERSION_MISMATCH, MDB_INCOMPATIBLE. */
const DAMAGE_CODES: readonly unknown[] = [-30793, -30796, -30797, -30794, -30784];

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

/** Any error as a `StoreError`; one that is none of the known kinds is `FAILED`. */
export function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof DecodeError) return storeError('DAMAGED', error);
  if (error instanceof CodedError || error instanceof EncodeError) return storeError('FAILED', error);
  const code = (error as { code?: unknown } | null)?.code;
  if (FULL_CODES.includes(code)) return storeError('FULL', error);
  if (DAMAGE_CODES.includes(code)) return storeError('DAMAGED', error);
  return storeError('FAILED', error);
}
