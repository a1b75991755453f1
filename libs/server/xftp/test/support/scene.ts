/** Servers and clients of one test, stopped after it, and uploads that stop half way. */
import { concatBytes } from '@polyplex/base';
import type { ClientHttp2Stream } from 'node:http2';
import { afterEach, expect } from 'vitest';
import { type TestFile, until } from './file.ts';
import { type FileServerOptions, startFileServer, type TestFileServer } from './file-server.ts';
import { RawClient } from './raw-client.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const task of cleanups.splice(0).reverse()) await task();
});

export async function start(options: FileServerOptions = {}): Promise<TestFileServer> {
  const server = await startFileServer(options);
  cleanups.push(() => server.stop());
  return server;
}

export async function connect(server: TestFileServer, tls: object = {}): Promise<RawClient> {
  const client = await RawClient.connect({ ...server, tls });
  cleanups.push(() => client.close());
  return client;
}

/** Begins an upload and leaves it at half. */
export function halfUpload(client: RawClient, file: TestFile): ClientHttp2Stream {
  const stream = client.open();
  stream.write(concatBytes(client.block({ tag: 'FPUT' }, { entityId: file.senderId, key: file.senderKey }), file.content.subarray(0, file.content.length / 2)));
  return stream;
}

/** Of transfers that did not end well: no place, no body, no room. */
export async function nothingIsLeft(server: TestFileServer): Promise<void> {
  await until(() => server.server.gauges().uploads === 0 && server.listener.requests === 0);
  expect(await server.bodies()).toEqual([]);
  expect(await server.files.usage()).toMatchObject({ uploaded: 0, bytes: 0 });
}
