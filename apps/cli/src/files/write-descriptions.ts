/**
 * The descriptions of a file that was sent, as the reference names them (XFTP §8.4): NAME.xftp/rcv1.xftp and so on, and
 * snd.xftp.private. They hold keys: only their owner may read them until he passes them on.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SentFile } from '@polyplex/client';
import { formatDescription } from '@polyplex/protocol-xftp';
import { makeFreeFolder } from '@polyplex/store-embedded';
import { attempt } from './transfer-folder.ts';

const PRIVATE_MODE = 0o600;

export interface WrittenDescriptions {
  readonly sender: string;
  readonly recipients: readonly string[];
}

/** Into a new folder with a free name like `wanted`. */
export function writeDescriptions(wanted: string, { sender, recipients }: SentFile): Promise<WrittenDescriptions> {
  return attempt(wanted, async () => {
    const folder = await makeFreeFolder(wanted);
    const write = async (name: string, text: string): Promise<string> => {
      const path = join(folder, name);
      await writeFile(path, text, { flag: 'wx', mode: PRIVATE_MODE, flush: true });
      return path;
    };
    // The sender's first: without it the file cannot be deleted.
    const senderPath = await write('snd.xftp.private', formatDescription(sender));
    const paths: string[] = [];
    for (const [i, description] of recipients.entries()) paths.push(await write(`rcv${i + 1}.xftp`, formatDescription(description)));
    return { sender: senderPath, recipients: paths };
  });
}
