/** The values of the file store's tables, as codecs; each opens with the format version (`@polyplex/store-common`). */
import { char, fields, maybe, nothing, shortString, type TypeOf } from '@polyplex/codec';
import { publicKey, queueStatus, word48 } from '@polyplex/store-common';

/** A file (XFTP §5.1), its sender id apart. `bodyId` is Latin-1. */
export const fileRow = fields({
  senderKey: publicKey,
  size: word48,
  digest: shortString,
  createdAt: word48,
  status: queueStatus,
  bodyId: maybe(shortString),
});
export type FileRow = TypeOf<typeof fileRow>;

export const recipientRow = fields({ senderId: shortString, recipientKey: publicKey });

/**
 * A body: "U" its upload is under way, until `due`; "H" a file has it; "L" it is left: nobody needs it any more, and at
 * `due` somebody should have removed it. Times are milliseconds.
 */
export const bodyRow = fields({ state: char('U', 'H', 'L'), senderId: shortString, size: word48, due: word48 });
export type BodyRow = TypeOf<typeof bodyRow>;

export const usageRow = fields({ files: word48, uploaded: word48, bytes: word48 });

/** The row of an index: its key says all. */
export const mark = nothing;
