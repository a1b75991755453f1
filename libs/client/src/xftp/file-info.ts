/** What a description says of its file, without asking anybody (XFTP §8.4). */
import { formatAddress } from '@polyplex/protocol-common';
import type { FileDescription } from '@polyplex/protocol-xftp';

export interface FileInfo {
  readonly party: 'recipient' | 'sender';
  /** What is downloaded: the encrypted file. For a redirect, that of the file in the end. */
  readonly size: number;
  readonly chunks: number;
  /** It leads to the description, which lies in a file of its own. */
  readonly isRedirect: boolean;
  /** Addresses in the order of the description, and how many bytes lie there. */
  readonly servers: readonly { readonly address: string; readonly size: number }[];
}

export function fileInfo({ party, size, chunks, redirect }: FileDescription): FileInfo {
  const servers = new Map<string, number>();
  for (const chunk of chunks) {
    for (const { server } of chunk.replicas) {
      const address = formatAddress(server, 'xftp');
      servers.set(address, (servers.get(address) ?? 0) + chunk.size);
    }
  }
  return {
    party,
    size: redirect?.size ?? size,
    chunks: chunks.length,
    isRedirect: redirect !== null,
    servers: [...servers].map(([address, bytes]) => ({ address, size: bytes })),
  };
}
