/** What stands before the content of a file, inside its encryption: its length and its name (XFTP §4.5). */
import { lenientTextOf, textOf, utf8 } from '@polyplex/base';
import { type Codec, DecodeError, fields, mapped, maybe, shortString } from '@polyplex/codec';

export interface FileHeader {
  /** The name that the sender gave it; may hold anything, separators included: not to be taken as a path. */
  readonly name: string;
  /** Never written by clients so far; null when absent. */
  readonly extra: string | null;
}

const fileName: Codec<string> = mapped(
  shortString,
  (bytes) => {
    const text = textOf(bytes);
    if (text === null) throw new DecodeError('file name is not UTF-8');
    return text;
  },
  utf8,
);

export const fileHeader: Codec<FileHeader> = fields({ name: fileName, extra: maybe(mapped(shortString, lenientTextOf, utf8)) });

/** int64 length of header and content. */
export const FILE_LENGTH_BYTES = 8;
/** The header ends within so many bytes after the length. */
export const HEADER_LIMIT_BYTES = 1024;
