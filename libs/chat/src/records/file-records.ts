/** Files of messages: ours on their way, and those that were offered to us (directory §2.6). */

/** What a message offers. */
export interface OfferedFile {
  /** What it is called in a step. */
  readonly fileId: string;
  /** As its sender says, bounded; no name of a file of ours. */
  readonly name: string;
  /** In bytes, as its sender says. */
  readonly size: number;
}

/** Whom a file of ours is for: a contact, or members by number. */
export type FileAudience =
  | { readonly contactId: number }
  | { readonly groupId: number; readonly members: readonly number[]; readonly inHistory: boolean };

export interface SentFileRecord {
  readonly to: FileAudience;
  /** The agent's id. */
  readonly transfer: string;
  /** Key in `file-age`. */
  readonly age: string;
}

export interface OfferedFileRecord {
  readonly msgId: string;
  /** Parts of the description that are here, and the highest number among them. */
  readonly parts: number;
  readonly highest: number;
  /** Number of the last part; null: it has not come. */
  readonly total: number | null;
  readonly characters: number;
  /** Where the application wants it; null: it has not said so. */
  readonly folder: string | null;
  /** The agent's id, from when all is known. */
  readonly transfer: string | null;
  /** Key in `file-age`. */
  readonly age: string;
}

/** Offered files are named by group (0 for contacts)/contact or member number/hash of the message's id, ours by the message's id, which we have made. */
export interface FileKinds {
  /** file */
  'sent-file': SentFileRecord;
  /** file */
  'offered-file': OfferedFileRecord;
  /** file/number of a part of its description */
  'file-part': string;
  /** the agent's id: file */
  transfer: string;
  /** second/counter: file */
  'file-age': string;
}
