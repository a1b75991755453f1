/** What bad handshakes get, row by row (XFTP §6): bare errors. Status is always 200. */
import { concatBytes, EMPTY_BYTES, utf8 } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';
import { handshakeBlock } from '@polyplex/protocol-common';
import { clientHandshake } from '@polyplex/protocol-xftp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFileServer, type TestFileServer, webCredentials } from './support/file-server.ts';
import { bareErrorOf, padded, RawClient } from './support/raw-client.ts';

let server: TestFileServer;
beforeAll(async () => {
  server = await startFileServer({ web: await webCredentials() });
});
afterAll(() => server.stop());

const HELLO = { 'xftp-web-hello': '1' };
const BLOCK_BYTES = 16_384;

async function bare(body: Uint8Array, { web = false, headers = {}, greeted = false }: { web?: boolean; headers?: Record<string, string>; greeted?: boolean }): Promise<string> {
  const fresh = await RawClient.connect({ ...server, web, version: null });
  if (greeted) await fresh.greet(null);
  const answer = await fresh.post(body, headers);
  fresh.close();
  expect(answer.status).toBe(200);
  return bareErrorOf(answer);
}

it('first request of a browser without the hello header', async () => {
  expect(await bare(EMPTY_BYTES, { web: true })).toBe('SESSION');
  expect(await bare(new Uint8Array(BLOCK_BYTES), { web: true, headers: { 'xftp-handshake': '1' } })).toBe('SESSION');
});

it('hello with a body, no SNI', async () => {
  expect(await bare(padded(Uint8Array.of(0x30)), {})).toBe('HANDSHAKE');
  expect(await bare(Uint8Array.of(1), { headers: HELLO })).toBe('HANDSHAKE');
});

it.each([
  ['too short for its padding', Uint8Array.of(0, 9, 0x30)],
  ['one byte', Uint8Array.of(0)],
  ['no maybe', padded(Uint8Array.of(0x32))],
  ['empty content', padded(EMPTY_BYTES)],
  ['a challenge of 31 bytes', padded(concatBytes(Uint8Array.of(0x31, 31), new Uint8Array(31)))],
  ['a challenge of 33 bytes', padded(concatBytes(Uint8Array.of(0x31, 33), new Uint8Array(33)))],
  ['a challenge cut short', padded(concatBytes(Uint8Array.of(0x31, 32), new Uint8Array(20)))],
])('hello of a browser: %s', async (_name, body) => {
  expect(await bare(body, { web: true, headers: HELLO })).toBe('HANDSHAKE');
});

it('hello of a browser: what follows the challenge is ignored', async () => {
  expect(await bare(padded(concatBytes(Uint8Array.of(0x31, 32), new Uint8Array(32), utf8('more'))), { web: true, headers: HELLO })).toBe('16384 bytes');
});

it.each([
  ['shorter than a block', () => handshakeBlock(clientHandshake, { version: 3, keyHash: server.fingerprint }).subarray(0, BLOCK_BYTES - 1)],
  ['empty', () => EMPTY_BYTES],
  ['bad padding', () => new Uint8Array(BLOCK_BYTES).fill(0xff)],
  ['cut short', () => padded(Uint8Array.of(0, 3, 32, 1, 2))],
  ['a key hash of 31 bytes', () => padded(concatBytes(Uint8Array.of(0, 3, 31), server.fingerprint.subarray(1)))],
  ['another key hash', () => handshakeBlock(clientHandshake, { version: 3, keyHash: randomBytes(32) })],
  ['version 0', () => handshakeBlock(clientHandshake, { version: 0, keyHash: server.fingerprint })],
  ['version 4', () => handshakeBlock(clientHandshake, { version: 4, keyHash: server.fingerprint })],
])('client handshake: %s', async (_name, body) => {
  expect(await bare(body(), { greeted: true })).toBe('HANDSHAKE');
});

it('client handshake: what follows it is ignored, inside and after the block', async () => {
  const inside = padded(concatBytes(Uint8Array.of(0, 3, 32), server.fingerprint, utf8('more')));
  expect(await bare(concatBytes(inside, utf8('and more')), { greeted: true })).toBe('0 bytes');
});
