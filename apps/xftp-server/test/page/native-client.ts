/** The client of the command line, at the other end of a link. */
import { concatBytes } from '@polyplex/base';
import { receiveFile, sendFile, type TransferPlace } from '@polyplex/client';
import { parseAddress } from '@polyplex/protocol-common';
import { parseWebLink, redirectFile, WEB_REDIRECT_CHARACTERS, webFragment } from '@polyplex/protocol-xftp';
import type { TestFile } from './transfers.ts';

/** Room for small files. */
function place(): TransferPlace {
  const bytes = new Uint8Array(64 * 1024 * 1024);
  const lines: string[] = [];
  return {
    data: { read: async (at, length) => bytes.slice(at, at + length), write: async (at, piece) => bytes.set(piece, at), sync: async () => {} },
    readJournal: async () => lines,
    append: async (line) => void lines.push(line),
    clear: async () => void lines.splice(0),
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield Uint8Array.from(bytes);
}

export async function receiveAtHome(link: string): Promise<TestFile> {
  const pieces: Uint8Array[] = [];
  const output = { write: async (bytes: Uint8Array) => void pieces.push(bytes), finish: async (name: string) => name, discard: async () => {} };
  const { path } = await receiveFile({ description: parseWebLink(link)!, place: place(), output, acknowledge: false });
  return { name: path, content: Buffer.from(concatBytes(...pieces)) };
}

/** The fragment of a web link. */
export async function sendFromHome(address: string, { name, content }: TestFile): Promise<string> {
  const send = async (sentName: string, bytes: Uint8Array) => {
    const source = { name: sentName, size: bytes.length, stamp: '', pieces: () => once(bytes) };
    return (await sendFile({ source, place: place(), servers: [parseAddress(address)!] })).recipients[0]!;
  };
  const description = await send(name, content);
  const fragment = webFragment(description);
  if (fragment.length <= WEB_REDIRECT_CHARACTERS || description.chunks.length === 1) return fragment;
  const { content: inner, redirect } = redirectFile(description);
  return webFragment({ ...(await send('direct.yaml', inner)), redirect });
}
