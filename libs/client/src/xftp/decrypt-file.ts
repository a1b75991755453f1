/**
 * From the encrypted file to its content (XFTP §4.5), in one pass: digest and tag are known only at its end, and until
 * then the output has no name. A file may be larger than memory.
 */
import { equalBytes, hasCode } from '@polyplex/base';
import { createSha512 } from '@polyplex/crypto';
import { createFileDecryptor, type FileDecryptor, type FileDescription } from '@polyplex/protocol-xftp';
import { XftpFileError } from './file-error.ts';
import type { FileOutput, WorkFile } from './transfer-place.ts';
import type { OnProgress } from './transfer-progress.ts';
import { givenUp } from './xftp-error.ts';

export interface DecryptOptions {
  /** The encrypted file. */
  readonly data: WorkFile;
  readonly output: Pick<FileOutput, 'write'>;
  readonly onProgress: OnProgress | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface DecryptedFile {
  /** As the sender wrote it: not safe as a file name. */
  readonly name: string;
  readonly size: number;
}

const PIECE_BYTES = 1024 * 1024;

/** Throws `DIGEST` or `CRYPTO` when the file is not the one that was sent; what was written is then to be dropped. */
export async function decryptFile({ size, digest, key, nonce }: FileDescription, options: DecryptOptions): Promise<DecryptedFile> {
  const { data, output, onProgress, signal } = options;
  const decryptor = readable(() => createFileDecryptor({ key, nonce, size }));
  const hash = createSha512();
  for (let at = 0; at < size; at += PIECE_BYTES) {
    if (signal?.aborted === true) throw givenUp();
    const piece = await data.read(at, Math.min(PIECE_BYTES, size - at));
    hash.update(piece);
    const content = readable(() => decryptor.update(piece));
    if (content.length > 0) await output.write(content);
    onProgress?.({ phase: 'decrypting', done: at + piece.length, total: size });
  }
  if (!equalBytes(hash.digest(), digest)) throw new XftpFileError('DIGEST', 'the file is not the one that its description names');
  return opened(decryptor);
}

function opened(decryptor: FileDecryptor): DecryptedFile {
  const isWhole = decryptor.finish();
  const { header, contentSize } = decryptor;
  if (!isWhole || header === null || contentSize === null) throw new XftpFileError('CRYPTO', 'the key does not open the file');
  return { name: header.name, size: contentSize };
}

/** Bytes that no sender wrote under this key. */
function readable<T>(task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (hasCode(error, 'BAD_FILE')) throw new XftpFileError('CRYPTO', 'the key does not open the file', { cause: error });
    throw error;
  }
}
