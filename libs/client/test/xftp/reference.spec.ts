/**
 * Files that the reference sent: its descriptions and its server's records and bodies, received with ours. The vectors are
 * those of `xftp-server` in the golden data made by simplexmq 6.5.5; only the address of the server is another.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { decodePublicKey, sha256 } from '@polyplex/crypto';
import type { AuthKey } from '@polyplex/protocol-common';
import { type FileDescription, parseDescription, parseWebLink } from '@polyplex/protocol-xftp';
import { deleteFile, receiveFile } from '../../src/index.ts';
import { QUICK, receiving, TestOutput } from './file-stage.ts';
import { ScriptedFileServer, type StoredChunk } from './scripted-file-server.ts';

const VECTORS = new URL('../vectors/xftp-server/', import.meta.url);

interface Expected {
  readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: string; readonly webLink: string }[];
  readonly chunks: readonly {
    readonly senderId: string; readonly senderKey: string; readonly size: number; readonly sha256: string;
    readonly recipients: readonly { readonly recipientId: string; readonly key: string; readonly acknowledged: boolean }[];
  }[];
}

const read = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, VECTORS)));
const expected = JSON.parse(readFileSync(new URL('expected.json', VECTORS), 'utf8')) as Expected;
const keyOf = (text: string): AuthKey => decodePublicKey(fromBase64Url(text)!) as AuthKey;

let server: ScriptedFileServer;
beforeAll(async () => {
  server = await ScriptedFileServer.start();
  for (const chunk of expected.chunks) {
    const stored: StoredChunk = {
      senderKey: keyOf(chunk.senderKey), size: chunk.size, digest: fromBase64Url(chunk.sha256)!, body: read(chunk.senderId),
      // Those that were acknowledged too, as before the reference received the file.
      recipients: new Map(chunk.recipients.map(({ recipientId, key }) => [recipientId, keyOf(key)])),
    };
    server.chunks.set(chunk.senderId, stored);
  }
});
afterAll(() => server.stop());

/** The same description, of a server that is here. */
function here(description: FileDescription): FileDescription {
  const { hosts, port, keyHash } = server.address;
  const chunks = description.chunks.map((chunk) => ({ ...chunk, replicas: chunk.replicas.map((replica) => ({ ...replica, server: { hosts, port, keyHash } })) }));
  return { ...description, chunks };
}

const described = (name: string): FileDescription => here(parseDescription(readFileSync(new URL(name, VECTORS), 'utf8')));

describe('what the reference sent', () => {
  it.each([['small.txt', 'small.txt.rcv1.xftp'], ['small.txt', 'small.txt.rcv2.xftp'], ['medium.bin', 'medium.bin.rcv1.xftp']])('%s is received with %s', async (name, description) => {
    const file = expected.files.find((each) => each.name === name)!;
    const output = new TestOutput();
    await receiveFile(receiving({ description: described(description), output }));
    expect([output.name, output.content.length, Buffer.from(sha256(output.content)).toString('hex')]).toEqual([name, file.size, file.sha256]);
    expect(output.content.slice(0, 5)).toEqual(Uint8Array.from([3, 10, 17, 24, 31]));
  });

  it('has web links that lead to the same', () => {
    for (const { name, webLink } of expected.files) {
      expect(here(parseWebLink(webLink)!)).toEqual(described(`${name}.rcv1.xftp`));
    }
  });

  it('is deleted with the sender’s description', async () => {
    for (const name of ['small.txt.snd.xftp', 'medium.bin.snd.xftp']) {
      const description = described(name);
      expect(await deleteFile({ ...QUICK, description })).toMatchObject({ done: description.chunks.length, failures: [] });
      for (const { replicas } of description.chunks) expect(server.chunks.has(toBase64Url(replicas[0]!.replicaId))).toBe(false);
    }
  });
});
