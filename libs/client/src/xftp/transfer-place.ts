/**
 * Where a transfer keeps what it has done so far, so that it goes on after an interruption: a journal and the encrypted
 * file. Given by the caller, since this library touches no files: the command line keeps them in a folder, a browser where
 * it may. Both hold secrets.
 */

/** A file that is read and written in places. */
export interface WorkFile {
  /** Exactly `length` bytes in memory of their own; rejects where there are fewer. */
  read(at: number, length: number): Promise<Uint8Array>;
  /** The bytes are not kept. */
  write(at: number, bytes: Uint8Array): Promise<void>;
  /** Makes all that was written durable. */
  sync(): Promise<void>;
}

export interface TransferPlace {
  /** The encrypted file; exists, if empty, from the beginning. */
  readonly data: WorkFile;
  /** Whole lines in the order in which they were appended; what a crash cut off is left out. */
  readJournal(): Promise<readonly string[]>;
  /** Appends one line without line break, durably. */
  append(line: string): Promise<void>;
  /** Takes away the journal and what `data` holds. */
  clear(): Promise<void>;
}

/** The file to send. */
export interface FileSource {
  /** Base name. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Changes when the content may have changed, such as by its time; compared before an interrupted sending goes on. */
  readonly stamp: string;
  /** The content from its beginning. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** Where a received file goes: nothing appears under a name before `finish`. */
export interface FileOutput {
  write(bytes: Uint8Array): Promise<void>;
  /** Puts the whole file under a free name like `name`, which is safe as a file name; answers where it is. */
  finish(name: string): Promise<string>;
  /** Takes away what was written. */
  discard(): Promise<void>;
}
