/** The one error a store rejects with, and what it gives in place of one result of a list. */
import { CodedError } from '@polyplex/base';

/**
 * `FULL` no room to write; `UNAVAILABLE` cannot be reached now, or is closed; `DAMAGED` the data cannot be read;
 * `IN_USE` another process has it open; `FAILED` anything else.
 */
export type StoreErrorCode = 'FULL' | 'UNAVAILABLE' | 'DAMAGED' | 'IN_USE' | 'FAILED';

export class StoreError extends CodedError<StoreErrorCode> {
  override readonly name = 'StoreError';
}

/** One result of a list. */
export type Item<T> = T | StoreError;

/** The result itself; throws the error in its place. */
export function resultOf<T>(item: Item<T>): T {
  if (item instanceof StoreError) throw item;
  return item;
}
