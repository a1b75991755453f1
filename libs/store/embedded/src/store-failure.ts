/** What LMDB and the file system throw, as the contract's `StoreError`. */
import { CodedError } from '@polyplex/base';
import { asStoreError as asKnownError, storeError } from '@polyplex/store-common';
import type { StoreError } from '@polyplex/store-contract';

const MDB_MAP_FULL = -30792;
const ENOSPC = 28;
const EDQUOT = 122;
const EFBIG = 27;
const FULL_CODES: readonly unknown[] = [MDB_MAP_FULL, ENOSPC, EDQUOT, EFBIG, 'ENOSPC', 'EDQUOT'];
/** MDB_INVALID, MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_VERSION_MISMATCH, MDB_INCOMPATIBLE. */
const DAMAGE_CODES: readonly unknown[] = [-30793, -30796, -30797, -30794, -30784];

/** Any error as a `StoreError`; one that is none of the known kinds is `FAILED`. */
export function asStoreError(error: unknown): StoreError {
  const code = error instanceof CodedError ? null : (error as { code?: unknown } | null)?.code;
  if (FULL_CODES.includes(code)) return storeError('FULL', error);
  if (DAMAGE_CODES.includes(code)) return storeError('DAMAGED', error);
  return asKnownError(error);
}

/** What `work` answers; what it throws as a `StoreError`. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asStoreError(error);
  }
}
