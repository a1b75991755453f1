/**
 * What goes into a link to a file (XFTP §1.5, §1.7). A description that is too long for one is put into a small file of
 * its own, and the link leads to that.
 */
import { fileLink, type FileDescription, redirectFile } from '@polyplex/protocol-xftp';
import { memoryPlace } from './memory-place.ts';
import { sendFile, type SendFileOptions } from './send-file.ts';

/** What still fits a QR code that cameras read (XFTP §1.5). */
export const MAX_LINK_LENGTH = 1002;

export type LinkOptions = Omit<SendFileOptions, 'source' | 'place' | 'recipients' | 'chunkSizes' | 'onProgress'>;

/** The recipient's description itself where its link is short enough, else a redirect to it, which is uploaded for this. */
export async function linkableDescription(description: FileDescription, options: LinkOptions): Promise<FileDescription> {
  if (fileLink(description).length <= MAX_LINK_LENGTH) return description;
  const { name, content, chunkSizes, redirect } = redirectFile(description);
  const source = { name, size: content.length, stamp: '', pieces: () => once(content) };
  const { recipients } = await sendFile({ ...options, source, chunkSizes, place: memoryPlace(chunkSizes[0]) });
  return { ...recipients[0]!, redirect };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
