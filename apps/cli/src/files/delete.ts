/** `polyplex file delete`: takes a file off its servers, for all recipients. */
import { deleteFile } from '@polyplex/client';
import { CliError } from '../report-failure.ts';
import { offerToDelete } from './delete-description.ts';
import { fileFailure } from './file-failures.ts';
import { readSenderDescription } from './read-description.ts';
import { interruptibly, linesOptions, type TransferFlags } from './transfer-flags.ts';

export interface DeleteFlags extends TransferFlags {
  readonly yes?: true;
}

export async function deleteSent(given: string, flags: DeleteFlags): Promise<void> {
  const { description, path } = readSenderDescription(given);
  const { done, unknown, failures } = await interruptibly((signal) => deleteFile({ ...linesOptions(flags), description, signal }))
    .catch((error: unknown) => {
      throw fileFailure(error, 'delete');
    });
  if (failures.length > 0) {
    const { replica, error } = failures[0]!;
    const reason = fileFailure(error, 'delete');
    const text = reason instanceof Error ? reason.message : String(reason);
    throw new CliError('FAILED', `${failures.length} of ${done + unknown + failures.length} chunks could not be deleted (${replica.server.hosts[0]!}: ${text}); the description stays, so that it can be tried again`, { cause: error });
  }
  process.stdout.write(done === 0 ? 'The file was not there any more.\n' : 'File deleted.\n');
  await offerToDelete(path, flags.yes === true);
}
