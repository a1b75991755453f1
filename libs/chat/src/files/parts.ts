/** Descriptions of files in parts that fit a message (directory §2.6). */
import { type FileDescriptionPart, MAX_FILE_DESCRIPTION_CHARACTERS } from '@polyplex/protocol-chat';

/** Numbered from 1, the last complete. */
export function partsOf(description: string): readonly FileDescriptionPart[] {
  const count = Math.max(1, Math.ceil(description.length / MAX_FILE_DESCRIPTION_CHARACTERS));
  return Array.from({ length: count }, (_, i) => ({
    fileDescrText: description.slice(i * MAX_FILE_DESCRIPTION_CHARACTERS, (i + 1) * MAX_FILE_DESCRIPTION_CHARACTERS),
    fileDescrPartNo: i + 1,
    fileDescrComplete: i + 1 === count,
  }));
}
