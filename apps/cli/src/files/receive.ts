/** `polyplex file receive`: a file by its description or link, into a folder, under a name that was free there. */
import { join } from 'node:path';
import { toBase64Url } from '@polyplex/base';
import { receiveFile, type ReceivedFile, transferDigest } from '@polyplex/client';
import type { FileDescription } from '@polyplex/protocol-xftp';
import { sizeText } from '../moving/progress.ts';
import { CliError } from '../report-failure.ts';
import { offerToDelete } from './delete-description.ts';
import { fileFailure } from './file-failures.ts';
import { FileProgress } from './file-progress.ts';
import { outFolder } from './out-folder.ts';
import { readDescription } from './read-description.ts';
import { ReceivedContent } from './received-content.ts';
import { TransferFolder } from './transfer-folder.ts';
import { interruptibly, linesOptions, type TransferFlags } from './transfer-flags.ts';

export interface ReceiveFlags extends TransferFlags {
  readonly out: string;
  readonly keep?: true;
  readonly yes?: true;
}

const STATE_NAME_CHARACTERS = 16;

export async function receive(given: string, flags: ReceiveFlags): Promise<void> {
  const { description, path } = readDescription(given);
  const received = await interruptibly((signal) => receiveInto(outFolder(flags.out, 'the file goes'), description, flags, signal));
  process.stdout.write(`Received ${received.path} (${sizeText(received.size)}).\n`);
  if (received.unacknowledged > 0) process.stderr.write('Not every server could be told that the file was received; there it expires.\n');
  if (path !== null && flags.keep !== true) await offerToDelete(path, flags.yes === true);
}

async function receiveInto(out: string, description: FileDescription, flags: ReceiveFlags, signal: AbortSignal): Promise<ReceivedFile> {
  const place = await TransferFolder.open(stateFolder(out, description));
  const progress = new FileProgress();
  try {
    const received = await receiveFile({
      ...linesOptions(flags, progress.end),
      description, place, signal,
      output: new ReceivedContent(place.path, out),
      onProgress: progress.update,
      acknowledge: flags.keep !== true,
    });
    progress.end();
    await place.close();
    await place.remove();
    return received;
  } catch (error) {
    progress.end();
    const isKept = await place.leave();
    if (signal.aborted) throw interrupted(isKept ? place.path : null, error);
    throw fileFailure(error, 'receive');
  }
}

/** Found again by the same description, whatever the command was. */
function stateFolder(out: string, description: FileDescription): string {
  return join(out, `receiving-${toBase64Url(transferDigest(description)).slice(0, STATE_NAME_CHARACTERS)}.part`);
}

function interrupted(place: string | null, cause: unknown): CliError {
  const state = place === null ? 'nothing has come yet' : `what has come is in ${place}. Run the same command again to go on, or remove that folder`;
  return new CliError('FAILED', `interrupted; ${state}`, { cause });
}
