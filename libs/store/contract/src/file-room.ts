/**
 * FileRoom: the files of an agent's transfers. Work files, which hold what is encrypted, by the names that the agent gives them; the files that
 * it sends; and those that it receives, which have no name before they are whole. What the agent knows of a transfer is in its records.
 */

/** A file that is read and written in places. Rejects with `StoreError`. */
export interface WorkFile {
  /** Exactly `length` bytes in memory of their own; rejects with DAMAGED where there are fewer. */
  read(at: number, length: number): Promise<Uint8Array>;
  /** The bytes are not kept. */
  write(at: number, bytes: Uint8Array): Promise<void>;
  /** Makes all that was written durable. */
  sync(): Promise<void>;
  /** Takes away what it holds. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** A file to be sent. */
export interface RoomSource {
  /** Base name. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Changes when the content may have changed. */
  readonly stamp: string;
  /** The content from its beginning, in memory that is the caller's to change; ends with a `StoreError` where it cannot be read. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** A file that is received. Rejects with `StoreError`. */
export interface RoomOutput {
  write(bytes: Uint8Array): Promise<void>;
  /** Puts the whole file, durable, under a free name like `name`, which is safe as a file name; answers where it is. Nothing is written over. */
  finish(name: string): Promise<string>;
  /** Takes away what was written, also by an earlier process. */
  discard(): Promise<void>;
}

export interface FileRoom {
  /** Opens a work file, made empty where it is missing. `id` is letters, digits, `-` and `_`. Each is open once at a time. Rejects with `StoreError`. */
  open(id: string): Promise<WorkFile>;
  /** Takes a work file away; nothing where there is none. Rejects with `StoreError`. */
  remove(id: string): Promise<void>;
  /** The ids of all work files. Rejects with `StoreError`. */
  list(): Promise<readonly string[]>;
  /** Null: there is no such file. Rejects with `StoreError`. */
  source(path: string): Promise<RoomSource | null>;
  /** For the transfer of that id, into a folder, made where it is missing. Begins anew what an earlier process has begun. */
  output(id: string, folder: string): RoomOutput;
}
