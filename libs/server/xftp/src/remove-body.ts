/** The second half of every removal: a body that the FileStore counts as left is removed, then discarded. */
import { errorText } from '@polyplex/base';
import { StoreError } from '@polyplex/store-contract';
import type { FileServer } from './context.ts';

/** True when the body is gone; false when a sweep has to try again. Never rejects. Null: there is none. */
export async function removeBody({ chunks, files, log }: FileServer, bodyId: string | null): Promise<boolean> {
  if (bodyId === null) return true;
  try {
    await chunks.remove(bodyId);
    await files.discard(bodyId);
    return true;
  } catch (error) {
    log.error('a body could not be removed', { error: error instanceof StoreError ? error.code : errorText(error) });
    return false;
  }
}
