/** `polyplex file info`: what a description says, without asking a server. */
import { toBase64Url } from '@polyplex/base';
import { fileInfo } from '@polyplex/client';
import { formatAddress } from '@polyplex/protocol-common';
import { type FileDescription, formatFileSize } from '@polyplex/protocol-xftp';
import { readDescription } from './read-description.ts';

export interface InfoFlags {
  /** What an operator needs who has to look at, block or delete the file's chunks. */
  readonly ids?: true;
}

export function info(given: string, { ids }: InfoFlags): void {
  const { description } = readDescription(given);
  const { party, size, chunks, isRedirect, servers } = fileInfo(description);
  const lines = [
    party === 'sender' ? 'Sender file description' : 'Recipient file description',
    `File download size: ${formatFileSize(size)}`,
    ...(isRedirect ? ['Leads to a description that lies on:'] : [`Chunks: ${chunks}`, 'File server(s):']),
    ...servers.map(({ address, size: bytes }) => `${address}: ${formatFileSize(bytes)}`),
    ...(ids === true ? ['Ids of chunks:', ...idLines(description)] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function idLines({ chunks }: FileDescription): string[] {
  return chunks.flatMap(({ replicas }) => replicas.map(({ server, replicaId }) => `${toBase64Url(replicaId)} ${formatAddress(server, 'xftp')}`));
}
