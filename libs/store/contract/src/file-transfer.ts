/** Moving the records of a file server from elsewhere: whole files, safely repeated. */
import type { FileRecord, NewRecipient } from './file-record.ts';

/** A whole record; `bodyId` names a body that is in the `ChunkStore` already. */
export interface WholeFile {
  readonly file: FileRecord;
  readonly recipients: readonly NewRecipient[];
}

export interface Transferable {
  /**
   * Writes a file with its status, body and recipients. `exists` when the same sender id is there with the same
   * recipients and body (a repeated call); `collision` when an id belongs to something else, and then nothing is written.
   */
  putFile(file: WholeFile): Promise<'written' | 'exists' | 'collision'>;
}
